import { intAttr, stringAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Node, Tensor, TensorData } from '../ir.ts';
import { elementCount, stridesOf, tensorOf } from '../tensors.ts';
import { alongAxis, type Call, frontAxis, input, type Kernel, type Kernels, numbers, take } from './call.ts';

/** Operators that take or place elements by index. */

/** An index counted from the front. @throws GraphError when there is no such element. */
function frontIndex(node: Node, index: number, extent: number): number {
  const wrapped = index < 0 ? index + extent : index;
  if (wrapped < 0 || wrapped >= extent) {
    throw new GraphError(`Index ${index} is out of range for an extent of ${extent}`, { node });
  }
  return wrapped;
}

const gather: Kernel = (call) => {
  const x = input(call, 0);
  const indices = numbers(call, 1);
  const axis = frontAxis(intAttr(call.node, 'axis', 0), x.dims.length);
  const { outer, length, inner } = alongAxis(x.dims, axis);
  const at = new Int32Array(outer * indices.length * inner);
  let k = 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < indices.length; i++) {
      const from = (o * length + frontIndex(call.node, indices[i]!, length)) * inner;
      for (let j = 0; j < inner; j++) at[k++] = from + j;
    }
  }
  return [take(x, call.outputs[0]!.dims, at)];
};

/** Places in `data` that `indices`, of the same rank, name along the axis. */
function elementPlaces(call: Call): Int32Array {
  const { node } = call;
  const { dims } = input(call, 0);
  const indices = numbers(call, 1);
  const shape = input(call, 1).dims;
  const axis = frontAxis(intAttr(node, 'axis', 0), dims.length);
  const strides = stridesOf(dims);
  const own = stridesOf(shape);
  return Int32Array.from(indices, (index, i) => {
    let place = frontIndex(node, index, dims[axis]!) * strides[axis]!;
    for (let d = 0; d < shape.length; d++) {
      if (d !== axis) place += (Math.floor(i / own[d]!) % shape[d]!) * strides[d]!;
    }
    return place;
  });
}

const gatherElements: Kernel = (call) => [take(input(call, 0), call.outputs[0]!.dims, elementPlaces(call))];

/** First places of the runs that the tuples along the last axis of `indices` name, and the runs' length. */
function tuplePlaces(call: Call, batch: number): { places: Int32Array; run: number } {
  const { dims } = input(call, 0);
  const indices = numbers(call, 1);
  const shape = input(call, 1).dims;
  const depth = shape.at(-1)!;
  const strides = stridesOf(dims);
  const batchSize = elementCount(dims.slice(0, batch));
  const tuples = elementCount(shape.slice(0, -1));
  const batchRun = elementCount(dims.slice(batch));
  const places = new Int32Array(tuples);
  for (let t = 0; t < tuples; t++) {
    let place = Math.floor(t / (tuples / batchSize)) * batchRun;
    for (let k = 0; k < depth; k++) {
      place += frontIndex(call.node, indices[t * depth + k]!, dims[batch + k]!) * strides[batch + k]!;
    }
    places[t] = place;
  }
  return { places, run: elementCount(dims.slice(batch + depth)) };
}

function spread(places: Int32Array, run: number): Int32Array {
  const at = new Int32Array(places.length * run);
  for (let i = 0; i < at.length; i++) at[i] = places[Math.floor(i / run)]! + (i % run);
  return at;
}

const gatherND: Kernel = (call) => {
  const { places, run } = tuplePlaces(call, intAttr(call.node, 'batch_dims', 0));
  return [take(input(call, 0), call.outputs[0]!.dims, spread(places, run))];
};

/** Places the updates (input 2) at the places given, combined with what is there as `reduction` says. */
function scatter(call: Call, at: Int32Array): Tensor[] {
  const { node } = call;
  const x = input(call, 0);
  const updates = input(call, 2);
  const reduction = stringAttr(node, 'reduction', 'none');
  if (reduction === 'none') {
    const data = x.data.slice() as TensorData;
    for (let i = 0; i < at.length; i++) data[at[i]!] = updates.data[i]!;
    return [{ dtype: x.dtype, dims: x.dims, data }];
  }
  const combine = {
    add: (a: number, b: number) => a + b,
    mul: (a: number, b: number) => a * b,
    max: Math.max,
    min: Math.min,
  }[reduction];
  if (!combine) throw new GraphError(`There is no reduction '${reduction}'`, { node });
  const values = Float64Array.from(numbers(call, 0));
  const added = numbers(call, 2);
  for (let i = 0; i < at.length; i++) values[at[i]!] = combine(values[at[i]!]!, added[i]!);
  return [tensorOf(x.dtype, x.dims, values)];
}

const scatterElements: Kernel = (call) => scatter(call, elementPlaces(call));

const scatterND: Kernel = (call) => {
  const { places, run } = tuplePlaces(call, 0);
  return scatter(call, spread(places, run));
};

const oneHot: Kernel = (call) => {
  const { node, outputs } = call;
  const { dtype, dims } = outputs[0]!;
  const indices = numbers(call, 0);
  const [off, on] = [numbers(call, 2)[0]!, numbers(call, 2)[1]!];
  const axis = frontAxis(intAttr(node, 'axis', -1), dims.length);
  const { length: depth, inner } = alongAxis(dims, axis);
  const values = new Float64Array(elementCount(dims)).fill(off);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]! < 0 ? indices[i]! + depth : indices[i]!;
    if (index < 0 || index >= depth) continue;
    values[(Math.floor(i / inner) * depth + index) * inner + (i % inner)] = on;
  }
  return [tensorOf(dtype, dims, values)];
};

const nonZero: Kernel = (call) => {
  const { dims } = input(call, 0);
  const x = numbers(call, 0);
  const places: number[] = [];
  for (let i = 0; i < x.length; i++) if (x[i] !== 0) places.push(i);
  const strides = stridesOf(dims);
  const values = strides.flatMap((stride, axis) => places.map((p) => Math.floor(p / stride) % dims[axis]!));
  const rank = Math.max(1, dims.length);
  return [tensorOf('int64', [rank, places.length], dims.length === 0 ? places.map(() => 0) : values)];
};

const eyeLike: Kernel = (call) => {
  const { dtype, dims } = call.outputs[0]!;
  const k = intAttr(call.node, 'k', 0);
  const columns = dims[1]!;
  const values = new Float64Array(elementCount(dims));
  for (let i = 0; i < values.length; i++) {
    if ((i % columns) - Math.floor(i / columns) === k) values[i] = 1;
  }
  return [tensorOf(dtype, dims, values)];
};

export const indexingKernels: Kernels = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  OneHot: oneHot,
  NonZero: nonZero,
  EyeLike: eyeLike,
};
