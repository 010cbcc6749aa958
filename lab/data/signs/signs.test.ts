import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawArtwork } from './artwork.ts';
import { signClasses } from './drawings/catalogue.ts';
import { openSigns, type SignSet } from './index.ts';
import { SignRenderer, streamOf, subjectOf } from './sample.ts';

const values = 64 * 64 * 3;
const hash = (data: Float32Array) =>
  createHash('sha256').update(new Uint8Array(data.slice().buffer)).digest('hex');
const range = (count: number, start = 0) => Array.from({ length: count }, (_, i) => start + i);

let artwork: SharedArrayBuffer;
let signs: SignSet;
beforeAll(async () => {
  artwork = await drawArtwork();
  signs = openSigns({ size: 64, seed: 7 });
});
afterAll(() => signs.close());

function drawn(split: 'train' | 'test', seed: number, indices: readonly number[], size = 64): Float32Array[] {
  const renderer = new SignRenderer(artwork, size);
  return indices.map((index) => {
    const image = new Float32Array(size * size * 3);
    renderer.render(subjectOf(index), streamOf(split, seed, index), image);
    return image;
  });
}

describe('an image depends on its split, seed and number alone', () => {
  test('whatever was drawn before it, in one thread or many', async () => {
    const indices = [31, 5, 1999, 5, 0, 77, 400, 401, 402, 403, 404, 405];
    const { images, labels } = await signs.splits.test.read(indices);
    expect(images).toMatchObject({ count: 12, height: 64, width: 64, channels: 3 });
    expect([...labels]).toEqual(indices.map((index) => index % 20));
    const alone = indices.map((index) => drawn('test', 0, [index])[0]!);
    for (const [k, image] of alone.entries()) {
      expect(hash(images.data.subarray(k * values, (k + 1) * values))).toBe(hash(image));
    }
  });

  test('drawn or kept from before, as far as there is room', async () => {
    await using small = openSigns({ size: 64, keepBytes: 5 * values });
    const first = await small.splits.train.read(range(8));
    const again = await small.splits.train.read([7, ...range(8), 3]);
    const expected = [first.images.data.subarray(7 * values), first.images.data];
    expect(hash(again.images.data.subarray(0, values))).toBe(hash(expected[0]!));
    expect(hash(again.images.data.subarray(values, 9 * values))).toBe(hash(expected[1]!));
    expect(hash(again.images.data.subarray(9 * values))).toBe(
      hash(first.images.data.subarray(3 * values, 4 * values)),
    );
  });

  test('another seed gives other training images, and the same test images', async () => {
    const [first, again, other] = [signs.splits.train, signs.training(7), signs.training(8)];
    const images = await Promise.all(
      [first, again, other].map(async (split) => (await split.read([3])).images),
    );
    expect(hash(images[1]!.data)).toBe(hash(images[0]!.data));
    expect(hash(images[2]!.data)).not.toBe(hash(images[0]!.data));
    await using reseeded = openSigns({ size: 64, seed: 8, threads: 1 });
    const [mine, theirs] = await Promise.all([signs, reseeded].map((set) => set.splits.test.read([3])));
    expect(hash(theirs!.images.data)).toBe(hash(mine!.images.data));
  });

  test('no seed draws a test image: no two images of several seeds and the test set are one', () => {
    const some = range(40);
    const all = [0, 1, 2].flatMap((seed) => drawn('train', seed, some)).concat(drawn('test', 0, some));
    expect(new Set(all.map(hash)).size).toBe(all.length);
  });
});

test('classes are balanced and every variant of each is drawn', () => {
  const { count } = signs.splits.test;
  expect(count).toBe(2000);
  const counts = new Map<string, number>();
  for (const index of range(count)) {
    const { label, variant } = subjectOf(index);
    const key = `${signClasses[label]!.id}/${signClasses[label]!.variants[variant]!.name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const { id, variants } of signClasses) {
    const drawnOften = variants.map(({ name }) => counts.get(`${id}/${name}`)!);
    expect(drawnOften.reduce((a, b) => a + b)).toBe(100);
    expect(Math.max(...drawnOften) - Math.min(...drawnOften)).toBeLessThanOrEqual(1);
  }
  expect(new Set(signClasses.map(({ id }) => id)).size).toBe(20);
});

test.each([64, 96])(
  'at %i pixels values are levels k/255 that fill the range, and pictures have contrast',
  (size) => {
    const images = drawn('train', 1, range(60), size);
    const levels = images.map((image) => image.map((value) => Math.round(value * 255)));
    let [low, high] = [255, 0];
    for (const [k, image] of images.entries()) {
      let sum = 0;
      let squares = 0;
      for (const [i, value] of image.entries()) {
        const level = levels[k]![i]!;
        if (value !== Math.fround(level / 255) || level < 0 || level > 255)
          expect.fail(`${k}: ${value} is no level`);
        sum += value;
        squares += value * value;
        low = Math.min(low, level);
        high = Math.max(high, level);
      }
      const mean = sum / image.length;
      expect(Math.sqrt(squares / image.length - mean * mean)).toBeGreaterThan(0.02);
    }
    expect([low, high]).toEqual([0, 255]);
  },
);

test('indices outside are refused by name, and reads can be cancelled', async () => {
  await expect(signs.splits.test.read([2000])).rejects.toThrow('no image 2000 in the test split');
  expect(() => signs.splits.train.labels([-1])).toThrow('no image -1 in the train split');
  expect(() => signs.splits.train.labels([0.5])).toThrow('no image 0.5');
  await expect(signs.splits.test.read([1], AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  const empty = await signs.splits.test.read([]);
  expect(empty.images.count).toBe(0);
});

test('closing ends what is under way, and what comes after', async () => {
  const set = openSigns({ size: 96, threads: 1 });
  await set.splits.train.read([0]);
  const reading = expect(set.splits.train.read(range(200))).rejects.toMatchObject({ code: 'cancelled' });
  await set.close();
  await reading;
  await expect(set.splits.train.read([0])).rejects.toMatchObject({ code: 'cancelled' });
});
