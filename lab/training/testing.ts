import { seeded } from '@halftone/sdk';
import type { DataSet, Split } from '../data/sets/types.ts';
import { parseRecipe, type Recipe } from './recipe.ts';

/** For tests: a data set that a tiny network learns in a second, and the recipe for it. */

const SIDE = 8;

/** Grey images 8×8 of three classes: a bar that lies, stands or isn't there, among noise. */
export function madeUpData(trainCount = 192, testCount = 96): DataSet {
  return {
    name: 'bars',
    summary: 'made up for tests',
    classes: [{ name: 'lying' }, { name: 'standing' }, { name: 'none' }],
    height: SIDE,
    width: SIDE,
    channels: 1,
    splits: { train: madeUpSplit('train', trainCount), test: madeUpSplit('test', testCount) },
  };
}

function madeUpSplit(name: string, count: number): Split {
  const labelOf = (index: number) => index % 3;
  const labels = (indices: ArrayLike<number>) => Int32Array.from(indices, labelOf);
  return {
    count,
    labels,
    read: async (indices) => {
      const images = Array.from(indices, (index) => drawBar(labelOf(index), `${name} ${index}`));
      const data = new Float32Array(images.length * SIDE * SIDE);
      images.forEach((image, i) => {
        data.set(image, i * SIDE * SIDE);
      });
      const block = { data, count: images.length, height: SIDE, width: SIDE, channels: 1 };
      return { images: block, labels: labels(indices) };
    },
  };
}

function drawBar(label: number, key: string): Float32Array {
  const random = seeded(key);
  const at = random.integer(SIDE);
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const place = label === 0 ? Math.floor(i / SIDE) : i % SIDE;
    const bar = label !== 2 && place === at ? 0.6 : 0;
    return bar + random.uniform(0, 0.4);
  });
}

/** Three epochs of a small network with normalisation, a residual and dropout; `changes` replace fields. */
export function tinyRecipe(changes: object = {}): Recipe {
  const recipe = {
    name: 'tiny',
    data: 'bars',
    network: {
      layers: [
        { type: 'conv', filters: 8, kernel: 3, padding: 'same' },
        { type: 'batch-norm' },
        { type: 'activation', function: 'relu' },
        {
          type: 'residual',
          body: [
            { type: 'depthwise-conv', kernel: 3, padding: 'same' },
            { type: 'batch-norm' },
            { type: 'activation', function: 'relu' },
          ],
        },
        { type: 'dropout', rate: 0.25 },
        { type: 'max-pool', kernel: 2 },
        { type: 'dense', units: 16 },
        { type: 'activation', function: 'relu' },
        { type: 'dense', units: 3 },
      ],
    },
    optimizer: { type: 'adam', rate: 0.01 },
    schedule: { type: 'cosine' },
    batch: 20,
    epochs: 8,
    seed: 3,
    ...changes,
  };
  return parseRecipe(recipe, 'tiny recipe');
}
