import { gaussianBlur, gaussianBlurBack } from './blur.ts';
import type { Operation } from './operation.ts';

/** Luma's shares of the three colours (ITU-R BT.601), as JPEG has them. */
const luma = [0.299, 0.587, 0.114] as const;
/** Standard deviation of the blur that sharpening subtracts, in pixels. */
const radius = 1;

/** Adds to each pixel `amount` times what its luma is beyond the blurred luma. `data`, [height, width, 3], in place. */
export function sharpen(data: Float32Array, width: number, height: number, amount: number): void {
  if (amount === 0) return;
  const plane = new Float32Array(width * height);
  for (let i = 0; i < plane.length; i++) plane[i] = lumaAt(data, i);
  gaussianBlur(plane, { width, height, channels: 1 }, radius);
  for (let i = 0; i < plane.length; i++) {
    const more = amount * (lumaAt(data, i) - plane[i]!);
    for (let c = 0; c < 3; c++) data[i * 3 + c]! += more;
  }
}

function lumaAt(data: Float32Array, pixel: number): number {
  const at = pixel * 3;
  return luma[0] * data[at]! + luma[1] * data[at + 1]! + luma[2] * data[at + 2]!;
}

/** `sharpen` as an operation. */
export function sharpenOf(width: number, height: number, amount: number): Operation {
  return (input) => {
    const values = input.slice();
    sharpen(values, width, height, amount);
    return { values, pullback: (cotangent) => sharpenBack(cotangent, width, height, amount) };
  };
}

function sharpenBack(cotangent: Float32Array, width: number, height: number, amount: number): Float32Array {
  const back = cotangent.slice();
  const plane = new Float32Array(width * height);
  for (let i = 0; i < plane.length; i++) {
    plane[i] = amount * (cotangent[i * 3]! + cotangent[i * 3 + 1]! + cotangent[i * 3 + 2]!);
  }
  const spread = plane.slice();
  gaussianBlurBack(spread, { width, height, channels: 1 }, radius);
  for (let i = 0; i < plane.length; i++) {
    const sum = plane[i]! - spread[i]!;
    for (let c = 0; c < 3; c++) back[i * 3 + c]! += luma[c]! * sum;
  }
  return back;
}
