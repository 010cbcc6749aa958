import { flagAttr, intAttr, stringAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Node, Tensor } from '../ir.ts';
import { sliceRange } from '../shapes/movement.ts';
import { permutation } from '../shapes/reshape.ts';
import { allocate, elementCount, stridesOf } from '../tensors.ts';
import {
  alongAxis,
  broadcastIndex,
  type Call,
  frontAxis,
  input,
  type Kernel,
  type Kernels,
  numbers,
  optionalNumbers,
  stridedIndex,
  take,
} from './call.ts';

/** Operators that move elements and change none. */

const reshape: Kernel = (call) => {
  const { dtype, data } = input(call, 0);
  return [{ dtype, dims: call.outputs[0]!.dims, data }];
};

const transpose: Kernel = (call) => {
  const x = input(call, 0);
  const { dims } = call.outputs[0]!;
  const strides = stridesOf(x.dims);
  const steps = permutation(call.node, dims.length).map((axis) => strides[axis]!);
  return [take(x, dims, stridedIndex(dims, steps, 0))];
};

const expand: Kernel = (call) => {
  const x = input(call, 0);
  const { dims } = call.outputs[0]!;
  return [take(x, dims, broadcastIndex(x.dims, dims))];
};

/** Takes, along each axis, the elements that `pick` names: one list of input indices an axis, -1 for none. */
function pickAxes(x: Tensor, dims: readonly number[], pick: (axis: number, i: number) => number): Int32Array {
  const strides = stridesOf(x.dims);
  let places = new Int32Array(1);
  dims.forEach((extent, axis) => {
    const next = new Int32Array(places.length * extent);
    for (let i = 0; i < extent; i++) {
      const from = pick(axis, i);
      for (let j = 0; j < places.length; j++) {
        const before = places[j]!;
        next[j * extent + i] = from < 0 || before < 0 ? -1 : before + from * strides[axis]!;
      }
    }
    places = next;
  });
  return places;
}

const tile: Kernel = (call) => {
  const x = input(call, 0);
  const { dims } = call.outputs[0]!;
  return [
    take(
      x,
      dims,
      pickAxes(x, dims, (axis, i) => i % x.dims[axis]!),
    ),
  ];
};

const slice: Kernel = (call) => {
  const x = input(call, 0);
  const { dims } = call.outputs[0]!;
  const [starts, ends] = [numbers(call, 1), numbers(call, 2)];
  const axes = optionalNumbers(call, 3) ?? Array.from(starts, (_, i) => i);
  const steps = optionalNumbers(call, 4) ?? Array.from(starts, () => 1);
  const from = dims.map(() => 0);
  const by = dims.map(() => 1);
  axes.forEach((given: number, k: number) => {
    const axis = frontAxis(given, dims.length);
    from[axis] = sliceRange(x.dims[axis]!, starts[k]!, ends[k]!, steps[k]!).start;
    by[axis] = steps[k]!;
  });
  const strides = stridesOf(x.dims);
  const offset = from.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
  const stepped = strides.map((stride, axis) => stride * by[axis]!);
  return [take(x, dims, stridedIndex(dims, stepped, offset))];
};

const concat: Kernel = (call) => {
  const { dtype, dims } = call.outputs[0]!;
  const axis = frontAxis(intAttr(call.node, 'axis'), dims.length);
  const { outer, inner } = alongAxis(dims, axis);
  const data = allocate(dtype, elementCount(dims));
  const row = dims[axis]! * inner;
  let offset = 0;
  call.inputs.forEach((_, k) => {
    const part = input(call, k);
    const length = part.dims[axis]! * inner;
    for (let o = 0; o < outer; o++) {
      data.set(part.data.subarray(o * length, (o + 1) * length) as never, o * row + offset);
    }
    offset += length;
  });
  return [{ dtype, dims, data }];
};

const split: Kernel = (call) => {
  const x = input(call, 0);
  const axis = frontAxis(intAttr(call.node, 'axis', 0), x.dims.length);
  const strides = stridesOf(x.dims);
  let first = 0;
  return call.outputs.map(({ dims }) => {
    const part = take(x, dims, stridedIndex(dims, strides, first * strides[axis]!));
    first += dims[axis]!;
    return part;
  });
};

/** Where a padded position takes its element from; -1 for the constant. */
function paddedSource(node: Node, mode: string): (i: number, extent: number) => number {
  const wrap = (i: number, period: number) => ((i % period) + period) % period;
  switch (mode) {
    case 'constant':
      return (i, extent) => (i >= 0 && i < extent ? i : -1);
    case 'edge':
      return (i, extent) => Math.min(Math.max(i, 0), extent - 1);
    case 'wrap':
      return wrap;
    case 'reflect':
      return (i, extent) => {
        if (extent === 1) return 0;
        const at = wrap(i, 2 * extent - 2);
        return at < extent ? at : 2 * extent - 2 - at;
      };
    default:
      throw new GraphError(`There is no padding mode '${mode}'`, { node });
  }
}

const pad: Kernel = (call) => {
  const x = input(call, 0);
  const { dims } = call.outputs[0]!;
  const pads = numbers(call, 1);
  const axes = Array.from(optionalNumbers(call, 3) ?? dims.keys(), (axis) => frontAxis(axis, dims.length));
  const begin = dims.map(() => 0);
  axes.forEach((axis, k) => {
    begin[axis] = pads[k]!;
  });
  const source = paddedSource(call.node, stringAttr(call.node, 'mode', 'constant'));
  const at = pickAxes(x, dims, (axis, i) => source(i - begin[axis]!, x.dims[axis]!));
  const data = allocate(x.dtype, at.length);
  const fill = call.inputs[2]?.data[0];
  for (let i = 0; i < at.length; i++) {
    if (at[i]! >= 0) data[i] = x.data[at[i]!]!;
    else if (fill !== undefined) data[i] = fill;
  }
  return [{ dtype: x.dtype, dims, data }];
};

/** Reshape to `split`, transpose by `order`, reshape to the output: how the block operators are defined. */
function rearrange(call: Call, split: readonly number[], order: readonly number[]): Tensor[] {
  const strides = stridesOf(split);
  const dims = order.map((axis) => split[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  return [take(input(call, 0), call.outputs[0]!.dims, stridedIndex(dims, steps, 0))];
}

const depthToSpace: Kernel = (call) => {
  const [n, c, h, w] = input(call, 0).dims as [number, number, number, number];
  const size = intAttr(call.node, 'blocksize');
  const depth = c / (size * size);
  if (stringAttr(call.node, 'mode', 'DCR') === 'DCR') {
    return rearrange(call, [n, size, size, depth, h, w], [0, 3, 4, 1, 5, 2]);
  }
  return rearrange(call, [n, depth, size, size, h, w], [0, 1, 4, 2, 5, 3]);
};

const spaceToDepth: Kernel = (call) => {
  const [n, c, h, w] = input(call, 0).dims as [number, number, number, number];
  const size = intAttr(call.node, 'blocksize');
  return rearrange(call, [n, c, h / size, size, w / size, size], [0, 3, 5, 1, 2, 4]);
};

const trilu: Kernel = (call) => {
  const x = input(call, 0);
  const k = optionalNumbers(call, 1)?.[0] ?? 0;
  const upper = flagAttr(call.node, 'upper', true);
  const rows = x.dims.at(-2)!;
  const columns = x.dims.at(-1)!;
  const data = allocate(x.dtype, x.data.length);
  for (let i = 0; i < data.length; i++) {
    const above = (i % columns) - (Math.floor(i / columns) % rows);
    if (upper ? above >= k : above <= k) data[i] = x.data[i]!;
  }
  return [{ dtype: x.dtype, dims: x.dims, data }];
};

export const movementKernels: Kernels = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Slice: slice,
  Concat: concat,
  Split: split,
  Pad: pad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Trilu: trilu,
};
