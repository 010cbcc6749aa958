import sharp from 'sharp';
import { expect, test } from 'vitest';
import { seeded } from '../random.ts';
import { Jpeg } from './jpeg.ts';

/** A picture with slopes, edges and noise, as levels. */
function picture(width: number, height: number, channels: 1 | 3): Uint8Array {
  const random = seeded('picture');
  return Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [x, y, c] = [pixel % width, Math.floor(pixel / width), i % channels];
    const disc = Math.hypot(x - 30, y - 28) < 20 ? [190, 30, 40][c]! : 90 + x + 10 * c;
    return Math.max(0, Math.min(255, disc + y / 2 + random.normal(0, 8)));
  });
}

test.each([
  [40, 64, 64, 3],
  [60, 64, 64, 3],
  [80, 64, 64, 3],
  [95, 64, 64, 3],
  [75, 227, 61, 3],
  [75, 28, 28, 1],
] as const)(
  'loses at quality %i what a JPEG file loses, %i × %i, %i channels',
  async (quality, width, height, channels) => {
    const levels = picture(width, height, channels);
    const raw = { width, height, channels };
    const file = await sharp(levels, { raw }).jpeg({ quality, chromaSubsampling: '4:2:0' }).toBuffer();
    const truth = await sharp(file)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer();
    const ours = Float32Array.from(levels);
    const jpeg = new Jpeg(width, height);
    if (channels === 1) jpeg.applyGrey(ours, quality);
    else jpeg.apply(ours, quality);
    let apart = 0;
    let lost = 0;
    expect(truth.length).toBe(ours.length);
    for (const [i, level] of truth.entries()) {
      apart += Math.abs(level - ours[i]!) / truth.length;
      lost += Math.abs(level - levels[i]!) / truth.length;
    }
    // A file rounds colours to whole levels on the way in and out, which ours doesn't.
    expect(apart).toBeLessThan(1.5);
    expect(apart).toBeLessThan(lost / 4);
  },
);
