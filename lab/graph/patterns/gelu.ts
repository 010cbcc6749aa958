import type { Graph, Node } from '../ir.ts';
import { type Matcher, near } from './match.ts';

/**
 * x·½·(1 + erf(x/√2)), its factors in any order, as exporters before opset 20 write it.
 *
 * @returns the Gelu that `node`, the last multiplication, stands for
 */
export function gelu(_graph: Graph, m: Matcher, node: Node): Node | undefined {
  if (node.op !== 'Mul') return undefined;
  const factors = node.inputs.flatMap((input) => m.made(input, 'Mul')?.inputs ?? [input]);
  const half = factors.findIndex((factor) => near(m.number(factor), 0.5));
  if (factors.length !== 3 || half < 0) return undefined;
  const rest = factors.filter((_, i) => i !== half);
  const gate = rest.findIndex((factor) =>
    isGate(
      m,
      factor,
      rest.find((other) => other !== factor),
    ),
  );
  if (gate < 0) return undefined;
  return { ...node, op: 'Gelu', inputs: [rest[1 - gate]!], attributes: {} };
}

/** Is `value` 1 + erf(x/√2)? */
function isGate(m: Matcher, value: string, x: string | undefined): boolean {
  const sum = m.made(value, 'Add');
  const part = sum && m.pair(sum, 'Erf');
  if (!part || !near(m.number(part.other), 1)) return false;
  const argument = part.made.inputs[0];
  const quotient = m.made(argument, 'Div');
  if (quotient) return quotient.inputs[0] === x && near(m.number(quotient.inputs[1]), Math.SQRT2);
  const product = m.made(argument, 'Mul');
  const factor = product && m.withConstant(product);
  return factor !== undefined && factor.other === x && near(m.number(factor.name), Math.SQRT1_2);
}
