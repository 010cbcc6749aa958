import { ints } from '../../graph/builder.ts';
import { evaluateNode } from '../../graph/evaluate/index.ts';
import type { Attributes, Node, Tensor } from '../../graph/ir.ts';
import { type Rule, type RuleContext, scaled } from '../rule.ts';
import { contract } from './gather.ts';

/**
 * Resizing is linear and separable: along each axis the output is a matrix times the input, whatever the
 * interpolation and its way of placing coordinates. The gradient multiplies by the transposed matrices.
 */
const resize: Rule = (c) => {
  const rank = c.b.shape(c.x()).length;
  if (c.node.attributes.coordinate_transformation_mode?.value === 'tf_crop_and_resize') {
    throw c.error('coordinate_transformation_mode tf_crop_and_resize has no gradient here');
  }
  const maps = Array.from({ length: rank }, (_, axis) => axis).flatMap((axis) => {
    if (c.b.shape(c.x())[axis] === c.b.shape(c.y())[axis]) return [];
    return [{ axis, matrix: axisMatrix(c, axis) }];
  });
  return c.entries(repeats(c, maps) ?? maps.reduce((g, m) => contractAxis(c, g, m), c.dy()));
};

interface AxisMap {
  readonly axis: number;
  /** (output extent)×(input extent). */
  readonly matrix: Tensor;
}

function contractAxis(c: RuleContext, gradient: string, { axis, matrix }: AxisMap): string {
  return contract(c.b, gradient, axis, c.b.constant(matrix, 'interpolation'));
}

/** What the operator does along one axis, found by applying it to the identity. */
function axisMatrix(c: RuleContext, axis: number): Tensor {
  const [size] = c.b.extents(c.x(), [axis]);
  const [result] = c.b.extents(c.y(), [axis]);
  const identity = new Float32Array(size * size);
  for (let i = 0; i < size; i += 1) identity[i * size + i] = 1;
  const { axes: _axes, keep_aspect_ratio_policy: _policy, ...attributes } = c.node.attributes;
  const eye: Tensor = { dtype: 'float32', dims: [size, size], data: identity };
  const scale = scaleAlong(c, axis);
  const scales: Tensor | undefined =
    scale === undefined ? undefined : { dtype: 'float32', dims: [2], data: Float32Array.of(scale, 1) };
  const sizes: Tensor | undefined = scales
    ? undefined
    : { dtype: 'int64', dims: [2], data: BigInt64Array.of(BigInt(result), BigInt(size)) };
  const probe: Node = {
    ...c.node,
    attributes: attributes as Attributes,
    inputs: ['x', '', scales ? 'scales' : '', sizes ? 'sizes' : ''],
  };
  return evaluateNode(probe, [eye, undefined, scales, sizes])[0];
}

/** The scale that the node states for an axis; undefined where it states sizes. */
function scaleAlong(c: RuleContext, axis: number): number | undefined {
  if (c.has(3)) return undefined;
  const scales = c.b.graph.initializers.get(c.x(2));
  if (!scales) throw c.error('its scales must be constant for a gradient');
  const axes = c.node.attributes.axes?.value as readonly number[] | undefined;
  const rank = c.b.shape(c.x()).length;
  const at = axes ? axes.findIndex((a) => (a + rank) % rank === axis) : axis;
  return Number(scales.data[at]);
}

/** Plain enlargement of images, each pixel repeated k times: sums over k×k blocks, as average pooling. */
function repeats(c: RuleContext, maps: readonly AxisMap[]): string | undefined {
  if (c.b.shape(c.x()).length !== 4 || maps.length !== 2 || maps[0].axis !== 2) return undefined;
  const kernel = maps.map(({ matrix }) => matrix.dims[0] / matrix.dims[1]);
  const plain = maps.every(({ matrix }, i) => Number.isInteger(kernel[i]) && isRepeat(matrix, kernel[i]));
  if (!plain) return undefined;
  const averaged = c.b.add('AveragePool', [c.dy()], { kernel_shape: ints(kernel), strides: ints(kernel) });
  return scaled(c.b, averaged, kernel[0] * kernel[1]);
}

function isRepeat(matrix: Tensor, times: number): boolean {
  const [rows, columns] = matrix.dims;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const expected = Math.floor(row / times) === column ? 1 : 0;
      if (matrix.data[row * columns + column] !== expected) return false;
    }
  }
  return true;
}

export const resizeRules: Readonly<Record<string, Rule>> = { Resize: resize };
