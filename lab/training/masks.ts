import type { Random } from '@halftone/sdk';
import type { Tensor } from '../graph/ir.ts';
import { elementCount } from '../graph/tensors.ts';
import type { Mask } from './build.ts';

/**
 * A dropout mask for `count` images: each value 0 with probability `rate` (to within 2⁻¹⁶), else 1. Masks are as
 * large as the layer that they fall on, and drawn on the thread that feeds the engine: hence a generator whose state
 * stays in registers, xorshift128 (Marsaglia 2003), begun by `random`, and several values from each draw.
 */
export function drawMask({ shape, rate }: Mask, count: number, random: Random): Tensor {
  const dims = [count, ...shape];
  const length = elementCount(dims);
  const words = new Uint32Array(Math.ceil(length / 4));
  if (Number.isInteger(rate * 256)) fromBytes(words, rate * 256, random);
  else fromHalves(words, Math.round(rate * 65_536), random);
  return { dtype: 'uint8', dims, data: new Uint8Array(words.buffer, 0, length) };
}

/** Four values from each draw. To each byte 256 − threshold is added: the carry says whether it reaches that. */
function fromBytes(words: Uint32Array, threshold: number, random: Random): void {
  const missing = (256 - threshold) * 0x00010001;
  let [x, y, z, w] = [random.bits() | 1, random.bits(), random.bits(), random.bits()];
  for (let i = 0; i < words.length; i++) {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    const even = (w & 0x00ff00ff) + missing;
    const odd = ((w >>> 8) & 0x00ff00ff) + missing;
    words[i] = ((even >>> 8) & 0x00010001) | (odd & 0x01000100);
  }
}

/** Two values from each draw, by the same means: for rates that aren't whole parts of 256. */
function fromHalves(words: Uint32Array, threshold: number, random: Random): void {
  const missing = 65_536 - threshold;
  let [x, y, z, w] = [random.bits() | 1, random.bits(), random.bits(), random.bits()];
  for (let half = 0; half < 2 * words.length; half++) {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    const low = ((w & 65_535) + missing) >>> 16;
    const high = ((w >>> 16) + missing) >>> 16;
    words[half >> 1]! |= (low | (high << 8)) << (half % 2 === 0 ? 0 : 16);
  }
}
