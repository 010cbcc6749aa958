import { expect, test } from 'vitest';
import { seeded } from '../random.ts';
import { gaussianBlur, gaussianWeights } from './blur.ts';

test.each([0.4, 1.3, 4])(
  'a blur of %f pixels is the weighted mean of the neighbours, edges repeated',
  (sigma) => {
    const [width, height, channels] = [11, 7, 3];
    const random = seeded(1);
    const data = Float32Array.from({ length: width * height * channels }, () => random.uniform());
    const weights = gaussianWeights(sigma);
    const reach = weights.length - 1;
    const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));
    const expected = data.map((_, i) => {
      const [c, x, y] = [i % channels, Math.floor(i / channels) % width, Math.floor(i / channels / width)];
      let sum = 0;
      for (let v = -reach; v <= reach; v++) {
        for (let u = -reach; u <= reach; u++) {
          const at = (clamp(y + v, height - 1) * width + clamp(x + u, width - 1)) * channels + c;
          sum += weights[Math.abs(u)]! * weights[Math.abs(v)]! * data[at]!;
        }
      }
      return sum;
    });
    gaussianBlur(data, { width, height, channels }, sigma);
    for (const [i, value] of data.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  },
);

test('the standard deviation is what was asked for', () => {
  for (const sigma of [0.5, 1, 2.5]) {
    const weights = gaussianWeights(sigma);
    const variance = weights.reduce((sum, weight, i) => sum + 2 * weight * i * i, 0);
    expect(Math.sqrt(variance)).toBeCloseTo(sigma, 1);
  }
});
