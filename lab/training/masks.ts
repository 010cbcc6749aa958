import type { Random } from '@halftone/sdk';
import type { Tensor } from '../graph/ir.ts';
import { elementCount } from '../graph/tensors.ts';
import type { Mask } from './build.ts';

/** A dropout mask for `count` images: each value 0 with probability `rate` (to within 2⁻¹⁶), else 1. */
export function drawMask({ shape, rate }: Mask, count: number, random: Random): Tensor {
  const dims = [count, ...shape];
  const data = new Uint8Array(elementCount(dims));
  if (Number.isInteger(rate * 256)) fromBytes(data, rate * 256, random);
  else fromHalves(data, Math.round(rate * 65_536), random);
  return { dtype: 'uint8', dims, data };
}

/** Four values from each draw: masks are as large as the layer that they fall on. */
function fromBytes(data: Uint8Array, threshold: number, random: Random): void {
  for (let i = 0; i < data.length; i += 4) {
    const bits = random.bits();
    data[i] = (bits & 255) < threshold ? 0 : 1;
    data[i + 1] = ((bits >>> 8) & 255) < threshold ? 0 : 1;
    data[i + 2] = ((bits >>> 16) & 255) < threshold ? 0 : 1;
    data[i + 3] = bits >>> 24 < threshold ? 0 : 1;
  }
}

function fromHalves(data: Uint8Array, threshold: number, random: Random): void {
  for (let i = 0; i < data.length; i += 2) {
    const bits = random.bits();
    data[i] = (bits & 65_535) < threshold ? 0 : 1;
    data[i + 1] = bits >>> 16 < threshold ? 0 : 1;
  }
}
