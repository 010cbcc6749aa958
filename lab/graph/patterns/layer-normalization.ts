import { flagAttr } from '../attributes.ts';
import type { Graph, Node } from '../ir.ts';
import { numbersOf } from '../tensors.ts';
import type { Matcher } from './match.ts';

/**
 * (x − mean)/√(mean((x − mean)²) + ε)·scale + bias over the last axis, as exporters before opset 17 write it.
 *
 * @returns the LayerNormalization that `node`, the final addition, stands for
 */
export function layerNormalization(graph: Graph, m: Matcher, node: Node): Node | undefined {
  if (node.op !== 'Add') return undefined;
  const bias = m.withConstant(node);
  const scaledBy = bias && m.made(bias.other, 'Mul');
  const scale = scaledBy && m.withConstant(scaledBy);
  const quotient = scale && m.made(scale.other, 'Div');
  if (!bias || !scale || !quotient) return undefined;
  const centred = m.made(quotient.inputs[0], 'Sub');
  const root = m.made(quotient.inputs[1], 'Sqrt');
  const shifted = root && m.made(root.inputs[0], 'Add');
  const epsilon = shifted && m.withConstant(shifted);
  if (!centred || !epsilon || epsilon.constant.data.length !== 1) return undefined;
  const x = centred.inputs[0]!;
  const variance = m.made(epsilon.other, 'ReduceMean');
  const mean = m.made(centred.inputs[1], 'ReduceMean');
  if (!variance || !mean || mean.inputs[0] !== x) return undefined;
  if (!isSquareOf(m, variance.inputs[0], centred.outputs[0]!)) return undefined;
  const shape = graph.types.get(x)?.shape;
  if (!shape || !overLast(m, variance, shape.length) || !overLast(m, mean, shape.length)) return undefined;
  const size = shape[shape.length - 1];
  if ([scale, bias].some((c) => c.constant.dims.length !== 1 || c.constant.dims[0] !== size))
    return undefined;
  return {
    ...node,
    op: 'LayerNormalization',
    inputs: [x, scale.name, bias.name],
    attributes: {
      axis: { type: 'int', value: -1 },
      epsilon: { type: 'float', value: Number(numbersOf(epsilon.constant)[0]) },
    },
  };
}

function isSquareOf(m: Matcher, value: string | undefined, base: string): boolean {
  const power = m.made(value, 'Pow');
  if (power) return power.inputs[0] === base && m.number(power.inputs[1]) === 2;
  const product = m.made(value, 'Mul');
  return product?.inputs.every((input) => input === base) ?? false;
}

function overLast(m: Matcher, node: Node, rank: number): boolean {
  const axis = m.number(node.inputs[1]);
  return flagAttr(node, 'keepdims', true) && (axis === -1 || axis === rank - 1);
}
