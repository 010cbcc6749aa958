import { flagAttr, intAttr, intsAttr } from '../attributes.ts';
import { elementCount, tensorOf } from '../tensors.ts';
import { type Call, input, type Kernel, type Kernels, numbers, result } from './call.ts';
import { nodeWindows, type Windows } from './conv.ts';

/** Pools of one to three spatial axes. */

/**
 * Calls `visit` for each window with its place in the output and the places of its elements in the input
 * (`count` of them, in a buffer that is used again), and `padded`, the number of positions of the window
 * that lie within the input and its padding.
 */
function eachWindow(
  call: Call,
  windows: Windows,
  visit: (out: number, places: Int32Array, count: number, padded: number) => void,
): void {
  const { dims } = input(call, 0);
  const [d, h, w] = windows;
  const places = new Int32Array(d.kernel * h.kernel * w.kernel);
  const planes = dims[0]! * dims[1]!;
  const size = d.input * h.input * w.input;
  let out = 0;
  for (let plane = 0; plane < planes; plane++) {
    for (let od = 0; od < d.output; od++) {
      for (let oh = 0; oh < h.output; oh++) {
        for (let ow = 0; ow < w.output; ow++) {
          const { count, padded } = collect(windows, [od, oh, ow], plane * size, places);
          visit(out++, places, count, padded);
        }
      }
    }
  }
}

function collect(
  [d, h, w]: Windows,
  [od, oh, ow]: readonly [number, number, number],
  start: number,
  places: Int32Array,
): { count: number; padded: number } {
  let count = 0;
  let padded = 0;
  for (let kd = 0; kd < d.kernel; kd++) {
    const id = od * d.stride - d.padBegin + kd * d.dilation;
    for (let kh = 0; kh < h.kernel; kh++) {
      const ih = oh * h.stride - h.padBegin + kh * h.dilation;
      for (let kw = 0; kw < w.kernel; kw++) {
        const iw = ow * w.stride - w.padBegin + kw * w.dilation;
        // In ceil mode the last window may reach beyond the padding.
        if (id < d.input + d.padEnd && ih < h.input + h.padEnd && iw < w.input + w.padEnd) padded += 1;
        if (id < 0 || ih < 0 || iw < 0 || id >= d.input || ih >= h.input || iw >= w.input) continue;
        places[count++] = start + (id * h.input + ih) * w.input + iw;
      }
    }
  }
  return { count, padded };
}

function windowsOf(call: Call): Windows {
  return nodeWindows(call.node, input(call, 0).dims, intsAttr(call.node, 'kernel_shape'));
}

/** A flat place in a row-major value, told with each plane's last axes in column-major order. */
function columnMajor(place: number, [d, h, w]: Windows): number {
  const size = d.input * h.input * w.input;
  const within = place % size;
  const id = Math.floor(within / (h.input * w.input));
  const ih = Math.floor(within / w.input) % h.input;
  return place - within + ((within % w.input) * h.input + ih) * d.input + id;
}

const maxPool: Kernel = (call) => {
  const windows = windowsOf(call);
  const x = numbers(call, 0);
  const length = elementCount(call.outputs[0]!.dims);
  const y = new Float64Array(length);
  const at = new Float64Array(length);
  eachWindow(call, windows, (out, places, count) => {
    let best = Number.NEGATIVE_INFINITY;
    let where = places[0]!;
    for (let i = 0; i < count; i++) {
      const value = x[places[i]!]!;
      if (value > best || Number.isNaN(value)) {
        best = value;
        where = places[i]!;
      }
    }
    y[out] = best;
    at[out] = where;
  });
  const columns = intAttr(call.node, 'storage_order', 0) === 1;
  const indices = columns ? at.map((place) => columnMajor(place, windows)) : at;
  return [result(call, y), tensorOf('int64', call.outputs[0]!.dims, indices)];
};

const averagePool: Kernel = (call) => {
  const windows = windowsOf(call);
  const x = numbers(call, 0);
  const y = new Float64Array(elementCount(call.outputs[0]!.dims));
  const includePad = flagAttr(call.node, 'count_include_pad', false);
  eachWindow(call, windows, (out, places, count, padded) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += x[places[i]!]!;
    y[out] = sum / (includePad ? padded : count);
  });
  return [result(call, y)];
};

const lpPool: Kernel = (call) => {
  const x = numbers(call, 0);
  const p = intAttr(call.node, 'p', 2);
  const y = new Float64Array(elementCount(call.outputs[0]!.dims));
  eachWindow(call, windowsOf(call), (out, places, count) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += Math.abs(x[places[i]!]!) ** p;
    y[out] = sum ** (1 / p);
  });
  return [result(call, y)];
};

function globalPool(pool: (plane: ArrayLike<number>, call: Call) => number): Kernel {
  return (call) => {
    const x = numbers(call, 0);
    const size = elementCount(input(call, 0).dims.slice(2));
    const y = new Float64Array(elementCount(call.outputs[0]!.dims));
    for (let i = 0; i < y.length; i++) y[i] = pool(x.subarray(i * size, (i + 1) * size), call);
    return [result(call, y)];
  };
}

function sum(values: ArrayLike<number>, of: (v: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += of(values[i]!);
  return total;
}

function largest(values: ArrayLike<number>): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) best = Math.max(best, values[i]!);
  return best;
}

export const poolKernels: Kernels = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  GlobalAveragePool: globalPool((plane) => sum(plane, (v) => v) / plane.length),
  GlobalMaxPool: globalPool(largest),
  GlobalLpPool: globalPool((plane, { node }) => {
    const p = intAttr(node, 'p', 2);
    return sum(plane, (v) => Math.abs(v) ** p) ** (1 / p);
  }),
};
