import { HalftoneError } from '@halftone/sdk/errors';
import { GraphBuilder } from '../graph/builder.ts';
import type { Graph, Node, Tensor } from '../graph/ir.ts';

/**
 * Kernels of dense layers as whole numbers: w ≈ scale · (q − zero), with a scale for each block of consecutive
 * inputs of each unit. Plain operators make float32 of them again, which folding works out when a model is
 * opened: what runs, and what gradients are taken of, is the network of exactly these weights.
 */

/** Bits of each stored weight. */
export type DenseBits = 4 | 8;

/** Inputs that share a scale, at most. */
const MOST_IN_BLOCK = 128;

/** Kernels with fewer weights stay float32: they weigh little, and the last layer's count most. */
const FEWEST = 10_000;

/** Stores the kernel of every large Gemm so; in place. The graph's types stay right. */
export function storeDense(graph: Graph, bits: DenseBits): void {
  const body = graph.nodes;
  graph.nodes = [];
  const b = new GraphBuilder(graph, 'stored');
  const stored = body.map((node): Node => {
    const kernel = graph.initializers.get(node.inputs[1] ?? '');
    if (node.op !== 'Gemm' || kernel === undefined || kernel.data.length < FEWEST) return node;
    graph.initializers.delete(node.inputs[1]!);
    graph.types.delete(node.inputs[1]!);
    const [x, , ...rest] = node.inputs;
    return { ...node, inputs: [x!, unpacking(b, kernel, bits), ...rest] };
  });
  graph.nodes.push(...stored);
}

/** The nodes that give a kernel back; returns its new value. */
function unpacking(b: GraphBuilder, kernel: Tensor, bits: DenseBits): string {
  const { levels, scales, blocks } = quantised(kernel, bits);
  const [inputs, units] = kernel.dims as [number, number];
  const numbers = bits === 8 ? asFloats(b, levels, [inputs, units]) : nibbles(b, levels, [inputs, units]);
  const centred = b.add('Sub', [numbers, b.scalar(zeroOf(bits))]);
  const block = b.reshape(centred, [blocks, inputs / blocks, units]);
  const scaled = b.add('Mul', [block, b.floats(scales, [blocks, 1, units])]);
  return b.reshape(scaled, [inputs, units]);
}

function asFloats(b: GraphBuilder, data: Uint8Array, dims: readonly number[]): string {
  const stored = b.constant({ dtype: 'uint8', dims, data }, 'levels');
  return b.add('DequantizeLinear', [stored, b.scalar(1)]);
}

/** Two levels a byte: units of the first half in the lower bits, those of the second in the upper ones. */
function nibbles(b: GraphBuilder, levels: Uint8Array, [inputs, units]: readonly [number, number]): string {
  if (units % 2 !== 0) {
    throw new HalftoneError(
      'bad-argument',
      `4 bits a weight take dense layers of even size, not of ${units}`,
    );
  }
  const half = units / 2;
  const pairs = Uint8Array.from({ length: inputs * half }, (_, i) => {
    const at = Math.floor(i / half) * units + (i % half);
    return levels[at]! + 16 * levels[at + half]!;
  });
  const bytes = asFloats(b, pairs, [inputs, half]);
  const upper = b.add('Floor', [b.add('Mul', [bytes, b.scalar(1 / 16)])]);
  const lower = b.add('Sub', [bytes, b.add('Mul', [upper, b.scalar(16)])]);
  return b.add('Concat', [lower, upper], { axis: { type: 'int', value: 1 } });
}

const zeroOf = (bits: DenseBits) => 2 ** (bits - 1);

interface Quantised {
  /** In the kernel's order, 1 to 2·zero − 1. */
  readonly levels: Uint8Array;
  /** [blocks, units]. */
  readonly scales: Float32Array;
  readonly blocks: number;
}

function quantised({ dims, data }: Tensor, bits: DenseBits): Quantised {
  const [inputs, units] = dims as [number, number];
  const weights = data as Float32Array;
  const size = largestDivisor(inputs, MOST_IN_BLOCK);
  const blocks = inputs / size;
  const zero = zeroOf(bits);
  const scales = new Float32Array(blocks * units);
  const levels = new Uint8Array(weights.length);
  for (const [i] of scales.entries()) {
    const first = Math.floor(i / units) * size * units + (i % units);
    const places = Array.from({ length: size }, (_, k) => first + k * units);
    const scale = bestScale(
      places.map((at) => weights[at]!),
      zero - 1,
    );
    scales[i] = scale;
    for (const at of places) levels[at] = zero + level(weights[at]!, scale, zero - 1);
  }
  return { levels, scales, blocks };
}

function largestDivisor(of: number, most: number): number {
  for (let size = Math.min(of, most); ; size--) if (of % size === 0) return size;
}

function level(weight: number, scale: number, highest: number): number {
  if (scale === 0) return 0;
  return Math.max(-highest, Math.min(highest, Math.round(weight / scale)));
}

/** Of scales that cut off none to a half of the range, the one with the least squared error. */
function bestScale(weights: readonly number[], highest: number): number {
  const largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  const tried = Array.from({ length: 11 }, (_, k) => Math.fround((largest / highest) * (1 - 0.05 * k)));
  const errorOf = (scale: number) =>
    weights.reduce((sum, w) => sum + (w - scale * level(w, scale, highest)) ** 2, 0);
  const errors = tried.map(errorOf);
  return tried[errors.indexOf(Math.min(...errors))]!;
}
