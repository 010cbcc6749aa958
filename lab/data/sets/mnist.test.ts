import { beforeAll, expect, test } from 'vitest';
import { mnist } from './mnist.ts';
import { choose } from './order.ts';
import type { DataSet, SplitName } from './types.ts';

let set: DataSet;

beforeAll(async () => {
  set = await mnist.open('');
});

const range = (start: number, end: number) => Int32Array.from({ length: end - start }, (_, i) => start + i);

test('MNIST is the one that everybody knows', async () => {
  const { name, height, width, channels, classes, splits } = set;
  expect({ name, height, width, channels }).toEqual({ name: 'mnist', height: 28, width: 28, channels: 1 });
  expect(classes.map((entry) => entry.name).join('')).toBe('0123456789');
  expect([splits.train.count, splits.test.count]).toEqual([60_000, 10_000]);
  expect([...splits.train.labels(range(0, 5))]).toEqual([5, 0, 4, 1, 9]);
  expect([...splits.test.labels(range(0, 5))]).toEqual([7, 2, 1, 0, 4]);
});

test('the pixels of the training images have their known mean and deviation', async () => {
  let [sum, squares] = [0, 0];
  for (let start = 0; start < 60_000; start += 2000) {
    const { images } = await set.splits.train.read(range(start, start + 2000));
    for (let i = 0; i < images.data.length; i++) {
      const value = images.data[i]!;
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / (60_000 * 784);
  expect(mean).toBeCloseTo(0.1307, 4);
  expect(Math.sqrt(squares / (60_000 * 784) - mean ** 2)).toBeCloseTo(0.3081, 4);
});

test('an image is the same in any company', async () => {
  const { test: split } = set.splits;
  const many = await split.read([3, 9999, 3]);
  const { images, labels } = await split.read([9999]);
  expect(many.images.data.subarray(784, 2 * 784)).toEqual(images.data);
  expect(many.images.data.subarray(2 * 784)).toEqual(many.images.data.subarray(0, 784));
  expect([many.labels[1], many.images.count]).toEqual([labels[0], 3]);
  expect(labels).toEqual(split.labels([9999]));
  await expect(split.read([10_000])).rejects.toThrow('image 10000 was asked for; there are 0 to 9999');
  await expect(split.read([0.5])).rejects.toMatchObject({ code: 'bad-argument' });
  await expect(split.read([0], AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
});

test('a choice is the first images, or a random one that its seed settles', async () => {
  const first = choose(set, { split: 'test', count: 3 });
  expect(first.names).toEqual(['7_test-0000', '2_test-0001', '1_test-0002']);
  expect((await first.read(1, 3)).data).toEqual((await set.splits.test.read([1, 2])).images.data);

  const drawn = (shuffleSeed: number, split: SplitName = 'test') =>
    choose(set, { split, count: 2000, shuffleSeed }).names;
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
  expect(new Set(drawn(1)).size).toBe(2000);
  const all = choose(set, { split: 'test', shuffleSeed: 4 });
  expect([...all.labels].sort()).toEqual([...set.splits.test.labels(range(0, 10_000))].sort());
  expect(() => choose(set, { split: 'test', count: 10_001 })).toThrow(
    '10001 images asked for; the test split of mnist has 10000',
  );
});
