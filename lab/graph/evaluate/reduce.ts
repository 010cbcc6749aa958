import { flagAttr, intAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import { elementCount, tensorOf } from '../tensors.ts';
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
  result,
} from './call.ts';

/** Reductions and what else works along axes. */

/** The input's shape with the reduced axes 1; undefined when nothing is to be reduced. */
function keptDims(call: Call): number[] | undefined {
  const { dims } = input(call, 0);
  const given = Array.from(optionalNumbers(call, 1) ?? [], (axis) => frontAxis(axis, dims.length));
  if (given.length > 0) return dims.map((extent, axis) => (given.includes(axis) ? 1 : extent));
  return flagAttr(call.node, 'noop_with_empty_axes', false) ? undefined : dims.map(() => 1);
}

interface Reduction {
  readonly start: number;
  readonly step: (accumulated: number, x: number) => number;
  readonly finish?: (accumulated: number, count: number) => number;
}

const total = { start: 0, step: (a: number, x: number) => a + x };

const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  ReduceSum: total,
  ReduceMean: { ...total, finish: (a, count) => a / count },
  ReduceMax: { start: Number.NEGATIVE_INFINITY, step: Math.max },
  ReduceMin: { start: Number.POSITIVE_INFINITY, step: Math.min },
  ReduceProd: { start: 1, step: (a, x) => a * x },
  ReduceL1: { start: 0, step: (a, x) => a + Math.abs(x) },
  ReduceL2: { start: 0, step: (a, x) => a + x * x, finish: Math.sqrt },
  ReduceSumSquare: { start: 0, step: (a, x) => a + x * x },
  ReduceLogSum: { ...total, finish: Math.log },
};

function accumulate(x: ArrayLike<number>, at: Int32Array, size: number, { start, step, finish }: Reduction) {
  const y = new Float64Array(size).fill(start);
  for (let i = 0; i < x.length; i++) y[at[i]!] = step(y[at[i]!]!, x[i]!);
  return finish ? y.map((v) => finish(v, x.length / size)) : y;
}

function reduce(reduction: Reduction): Kernel {
  return (call) => {
    const kept = keptDims(call);
    if (!kept) return [input(call, 0)];
    const at = broadcastIndex(kept, input(call, 0).dims);
    return [result(call, accumulate(numbers(call, 0), at, elementCount(kept), reduction))];
  };
}

const logSumExp: Kernel = (call) => {
  const kept = keptDims(call);
  if (!kept) return [input(call, 0)];
  const x = numbers(call, 0);
  const size = elementCount(kept);
  const at = broadcastIndex(kept, input(call, 0).dims);
  const top = accumulate(x, at, size, REDUCTIONS.ReduceMax!);
  const shifted = Float64Array.from(x, (v, i) => Math.exp(v - top[at[i]!]!));
  const sums = accumulate(shifted, at, size, total);
  return [
    result(
      call,
      sums.map((v, i) => Math.log(v) + top[i]!),
    ),
  ];
};

function arg(better: (a: number, b: number) => boolean): Kernel {
  return (call) => {
    const { dims } = input(call, 0);
    const x = numbers(call, 0);
    const last = flagAttr(call.node, 'select_last_index', false);
    const { outer, length, inner } = alongAxis(dims, frontAxis(intAttr(call.node, 'axis', 0), dims.length));
    const y = new Float64Array(outer * inner);
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < inner; j++) {
        const at = (i: number) => x[(o * length + i) * inner + j]!;
        let best = 0;
        for (let i = 1; i < length; i++) {
          if (better(at(i), at(best)) || (last && at(i) === at(best))) best = i;
        }
        y[o * inner + j] = best;
      }
    }
    return [result(call, y)];
  };
}

const topK: Kernel = (call) => {
  const { node, outputs } = call;
  const { dims } = input(call, 0);
  const x = numbers(call, 0);
  const axis = frontAxis(intAttr(node, 'axis', -1), dims.length);
  const { outer, length, inner } = alongAxis(dims, axis);
  const k = numbers(call, 1)[0]!;
  if (k > length) throw new GraphError(`The ${k} largest of ${length} elements are asked for`, { node });
  const sign = flagAttr(node, 'largest', true) ? -1 : 1;
  const values = new Float64Array(outer * k * inner);
  const indices = new Float64Array(values.length);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const at = (i: number) => x[(o * length + i) * inner + j]!;
      const order = Array.from({ length }, (_, i) => i).sort((a, b) => sign * (at(a) - at(b)) || a - b);
      for (let i = 0; i < k; i++) {
        values[(o * k + i) * inner + j] = at(order[i]!);
        indices[(o * k + i) * inner + j] = order[i]!;
      }
    }
  }
  return [result(call, values), tensorOf('int64', outputs[0]!.dims, indices)];
};

const cumSum: Kernel = (call) => {
  const { node } = call;
  const { dims } = input(call, 0);
  const x = numbers(call, 0);
  const { outer, length, inner } = alongAxis(dims, frontAxis(numbers(call, 1)[0]!, dims.length));
  const exclusive = flagAttr(node, 'exclusive', false);
  const reverse = flagAttr(node, 'reverse', false);
  const y = new Float64Array(x.length);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      let sum = 0;
      for (let i = 0; i < length; i++) {
        const at = (o * length + (reverse ? length - 1 - i : i)) * inner + j;
        y[at] = exclusive ? sum : sum + x[at]!;
        sum += x[at]!;
      }
    }
  }
  return [result(call, y)];
};

export const reduceKernels: Kernels = {
  ...Object.fromEntries(Object.entries(REDUCTIONS).map(([name, reduction]) => [name, reduce(reduction)])),
  ReduceLogSumExp: logSumExp,
  ArgMax: arg((a, b) => a > b),
  ArgMin: arg((a, b) => a < b),
  TopK: topK,
  CumSum: cumSum,
};
