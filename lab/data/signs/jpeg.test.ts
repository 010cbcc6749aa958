import { seeded } from '@halftone/sdk';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { levelOf, lightOfLevel } from './colour.ts';
import { Jpeg } from './jpeg.ts';

/** A picture with slopes, edges and noise, as levels. */
function picture(size: number): Uint8Array {
  const random = seeded('picture');
  return Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size), i % 3];
    const disc = Math.hypot(x - 30, y - 28) < 20 ? [190, 30, 40][c]! : 90 + x + 10 * c;
    return Math.max(0, Math.min(255, disc + y / 2 + random.normal(0, 8)));
  });
}

test.each([40, 60, 80, 95])('loses at quality %i what a JPEG file loses', async (quality) => {
  const size = 64;
  const levels = picture(size);
  const raw = { width: size, height: size, channels: 3 as const };
  const file = await sharp(levels, { raw }).jpeg({ quality, chromaSubsampling: '4:2:0' }).toBuffer();
  const truth = await sharp(file).raw().toBuffer();
  const ours = Float32Array.from(levels);
  new Jpeg(size).apply(ours, quality);
  let apart = 0;
  let lost = 0;
  for (const [i, level] of truth.entries()) {
    apart += Math.abs(level - ours[i]!) / truth.length;
    lost += Math.abs(level - levels[i]!) / truth.length;
  }
  // A file rounds colours to whole levels on the way in and out, which ours doesn't.
  expect(apart).toBeLessThan(1.5);
  expect(apart).toBeLessThan(lost / 4);
});

test('levels are light and light levels again', () => {
  for (const [level, light] of lightOfLevel.entries())
    expect(Math.abs(levelOf(light) - level)).toBeLessThan(0.3);
  expect([levelOf(-1), levelOf(2)]).toEqual([0, 255]);
});
