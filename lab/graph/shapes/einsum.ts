import { GraphError } from '../errors.ts';
import type { Node } from '../ir.ts';

/** An Einsum equation with a label for every axis; the axes of an ellipsis are `.0`, `.1` … from the right. */
export interface EinsumEquation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

function splitLabels(node: Node, text: string): { before: string[]; after: string[]; ellipsis: boolean } {
  const parts = text.split('...');
  if (parts.length > 2 || !/^[A-Za-z]*$/.test(parts.join(''))) {
    throw new GraphError(`'${text}' is no Einsum term`, { node });
  }
  return { before: [...parts[0]!], after: [...(parts[1] ?? '')], ellipsis: parts.length === 2 };
}

function ellipsisLabels(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `.${count - 1 - i}`);
}

/** Labels that occur once, in alphabetical order: the output when the equation doesn't say. */
function implicitOutput(operands: readonly (readonly string[])[], widest: number): string[] {
  const counts = new Map<string, number>();
  for (const label of operands.flat()) counts.set(label, (counts.get(label) ?? 0) + 1);
  const once = [...counts].filter(([label, count]) => count === 1 && !label.startsWith('.'));
  return [...ellipsisLabels(widest), ...once.map(([label]) => label).sort()];
}

/** @throws GraphError for an equation that can't be read or doesn't fit the operands' ranks. */
export function parseEinsum(node: Node, equation: string, ranks: readonly number[]): EinsumEquation {
  const [inputs, target, ...rest] = equation.replaceAll(' ', '').split('->');
  const terms = inputs!.split(',');
  if (rest.length > 0 || terms.length !== ranks.length) {
    throw new GraphError(`Equation '${equation}' does not fit ${ranks.length} operands`, { node });
  }
  let widest = 0;
  const operands = terms.map((text, i) => {
    const { before, after, ellipsis } = splitLabels(node, text);
    const hidden = ranks[i]! - before.length - after.length;
    if (hidden < 0 || (hidden > 0 && !ellipsis)) {
      throw new GraphError(`Term '${text}' does not fit an operand of rank ${ranks[i]}`, { node });
    }
    widest = Math.max(widest, hidden);
    return [...before, ...ellipsisLabels(hidden), ...after];
  });
  if (target === undefined) return { operands, output: implicitOutput(operands, widest) };
  const { before, after, ellipsis } = splitLabels(node, target);
  const output = [...before, ...ellipsisLabels(ellipsis ? widest : 0), ...after];
  const known = new Set(operands.flat());
  const stray = output.find((label) => !known.has(label));
  if (stray)
    throw new GraphError(`Label '${stray}' of the output stands in no term of '${equation}'`, { node });
  return { operands, output };
}
