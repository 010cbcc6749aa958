import { flagAttr, floatAttr, stringAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Node } from '../ir.ts';
import { resizeAxes } from '../shapes/resize.ts';
import { alongAxis, type Call, input, type Kernel, numbers, optionalNumbers, result } from './call.ts';

/** Resize, one axis after the other: each output index is a weighted sum of a few input indices. */

interface Tap {
  readonly index: number;
  readonly weight: number;
}

/** One axis of a Resize. `scale` is what the node says, else `to / from`. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/**
 * The input coordinate of output index `i`. `round` is float32's for nearest neighbours, which must be those
 * that a run in float32 finds, and none otherwise.
 */
function coordinate(node: Node, i: number, { from, to, scale }: Axis, round: (x: number) => number): number {
  const mode = stringAttr(node, 'coordinate_transformation_mode', 'half_pixel');
  const centred = round(round((i + 0.5) / scale) - 0.5);
  switch (mode) {
    case 'half_pixel':
      return centred;
    case 'half_pixel_symmetric':
      return centred + (from / 2) * (1 - to / (scale * from));
    case 'pytorch_half_pixel':
      return to > 1 ? centred : 0;
    case 'align_corners':
      return to === 1 ? 0 : round((i * (from - 1)) / (to - 1));
    case 'asymmetric':
      return round(i / scale);
    default:
      throw new GraphError(`The coordinate mode '${mode}' is not supported`, { node });
  }
}

function nearest(node: Node, at: number): number {
  const mode = stringAttr(node, 'nearest_mode', 'round_prefer_floor');
  switch (mode) {
    case 'round_prefer_floor':
      return Math.ceil(at - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5);
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    default:
      throw new GraphError(`There is no nearest mode '${mode}'`, { node });
  }
}

/** Weights of the four neighbours of a point `t` beyond the second (Keys 1981, equation 4). */
function cubicWeights(t: number, a: number): number[] {
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

function taps(node: Node, mode: string, at: number, extent: number): Tap[] {
  const clamp = (index: number) => Math.min(Math.max(index, 0), extent - 1);
  if (mode === 'nearest') return [{ index: clamp(nearest(node, at)), weight: 1 }];
  const floor = Math.floor(at);
  const t = at - floor;
  if (mode === 'linear') {
    return [
      { index: clamp(floor), weight: 1 - t },
      { index: clamp(floor + 1), weight: t },
    ];
  }
  if (mode !== 'cubic') throw new GraphError(`There is no resize mode '${mode}'`, { node });
  const weights = cubicWeights(t, floatAttr(node, 'cubic_coeff_a', -0.75));
  const all = weights.map((weight, k) => ({ index: floor - 1 + k, weight }));
  if (!flagAttr(node, 'exclude_outside', false))
    return all.map(({ index, weight }) => ({ index: clamp(index), weight }));
  const inside = all.filter(({ index }) => index === clamp(index));
  const sum = inside.reduce((s, { weight }) => s + weight, 0);
  return inside.map(({ index, weight }) => ({ index, weight: weight / sum }));
}

/** Scale of each axis: as given, or what the sizes make of it. */
function scalesOf(call: Call, dims: readonly number[]): number[] {
  const to = call.outputs[0]!.dims;
  const scales = dims.map((extent, axis) => to[axis]! / extent);
  const given = optionalNumbers(call, 2);
  if (given && given.length > 0) {
    resizeAxes(call.node, dims.length).forEach((axis, k) => {
      scales[axis] = given[k]!;
    });
  }
  return scales;
}

export const resize: Kernel = (call) => {
  const { node, outputs } = call;
  if (flagAttr(node, 'antialias', false))
    throw new GraphError('Resize with antialias is not supported', { node });
  const mode = stringAttr(node, 'mode', 'nearest');
  const round = mode === 'nearest' ? Math.fround : (x: number) => x;
  const dims = [...input(call, 0).dims];
  const scales = scalesOf(call, dims);
  let values = Float64Array.from(numbers(call, 0));
  dims.forEach((from, axis) => {
    const to = outputs[0]!.dims[axis]!;
    const scale = round(scales[axis]!);
    if (to === from && scale === 1) return;
    const { outer, inner } = alongAxis(dims, axis);
    const next = new Float64Array(outer * to * inner);
    for (let i = 0; i < to; i++) {
      for (const { index, weight } of taps(
        node,
        mode,
        coordinate(node, i, { from, to, scale }, round),
        from,
      )) {
        for (let o = 0; o < outer; o++) {
          for (let j = 0; j < inner; j++) {
            next[(o * to + i) * inner + j]! += weight * values[(o * from + index) * inner + j]!;
          }
        }
      }
    }
    values = next;
    dims[axis] = to;
  });
  return [result(call, values)];
};
