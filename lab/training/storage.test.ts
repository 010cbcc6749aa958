import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../graph/evaluate/index.ts';
import { foldConstants } from '../graph/fold.ts';
import { importModel, writeModel } from '../graph/index.ts';
import { buildNetwork, OUTPUT } from './build.ts';
import { type DenseBits, storeDense } from './storage.ts';

/** Dense kernels in few bits: how near they come, how small the file is, and that folding gives them back. */

const UNITS = 64;

function network() {
  const layers = [
    { type: 'dense', units: UNITS },
    { type: 'activation', function: 'relu' },
    { type: 'dense', units: 2 },
  ] as const;
  const input = { height: 16, width: 16, channels: 2 };
  return buildNetwork({ layers }, { mode: 'inference', layout: 'nchw', input, seed: 5 });
}

function storedKernel(bits: DenseBits) {
  const { graph, weights } = network();
  const before = writeModel(graph).length;
  storeDense(graph, bits);
  const file = writeModel(graph);
  const read = importModel(file);
  foldConstants(read);
  const gemm = read.nodes.find(({ op }) => op === 'Gemm')!;
  const back = read.initializers.get(gemm.inputs[1]!)!;
  const kernel = weights.get('0/kernel')!;
  return { read, back, kernel, share: file.length / before };
}

describe('dense kernels in few bits', () => {
  it.each([
    [8, 0.01, 0.3],
    [4, 0.15, 0.17],
  ] as const)('%i bits', (bits, error, size) => {
    const { read, back, kernel, share } = storedKernel(bits);
    expect(read.nodes.map(({ op }) => op)).toEqual(['Flatten', 'Gemm', 'Relu', 'Gemm']);
    expect(back.dims).toEqual(kernel.dims);
    const [ours, theirs] = [back.data as Float32Array, kernel.data as Float32Array];
    const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
    expect(norm(ours.map((w, i) => w - theirs[i]!)) / norm(theirs)).toBeLessThan(error);
    expect(share).toBeLessThan(size);
    // A block of a unit has no more values than the bits have levels.
    const block = new Set(Array.from({ length: 128 }, (_, i) => Math.abs(ours[i * UNITS + 3]!)));
    expect(block.size).toBeLessThanOrEqual(2 ** (bits - 1));
  });

  it('runs unfolded to the same logits', () => {
    const { graph } = network();
    storeDense(graph, 4);
    const images = {
      dtype: 'float32',
      dims: [1, 2, 16, 16],
      data: new Float32Array(512).map(Math.cos),
    } as const;
    const folded = importModel(writeModel(graph));
    foldConstants(folded);
    const run = (of: typeof graph) => evaluateGraph(of, { images }).get(OUTPUT)!.data;
    expect(run(graph)).toEqual(run(folded));
  });

  it('keeps a kernel of zeros, leaves small ones alone, and says where 4 bits do not fit', () => {
    const input = { height: 100, width: 50, channels: 1 };
    const build = (units: number) => {
      const data = new Float32Array(5000 * units);
      const weights = new Map([['0/kernel', { dtype: 'float32' as const, dims: [5000, units], data }]]);
      const options = { mode: 'inference', layout: 'nchw', input, weights } as const;
      return buildNetwork({ layers: [{ type: 'dense', units }] }, options).graph;
    };
    const zeros = build(2);
    storeDense(zeros, 4);
    const images = { dtype: 'float32', dims: [1, 1, 100, 50], data: new Float32Array(5000).fill(1) } as const;
    expect([...evaluateGraph(zeros, { images }).get(OUTPUT)!.data]).toEqual([0, 0]);
    expect(zeros.nodes.length).toBeGreaterThan(2);
    const small = build(1);
    storeDense(small, 4);
    expect(small.nodes).toHaveLength(2);
    expect(() => storeDense(build(3), 4)).toThrow('even size, not of 3');
  });
});
