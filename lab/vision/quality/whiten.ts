import type { Crop } from '../finder/cut.ts';
import { linearLight } from '../finder/frame.ts';
import type { Raster } from '../raster.ts';
import type { Light3, PaperLight } from './paper.ts';

/** Output pixels between two places where the paper's light is worked out. */
const stride = 16;

/**
 * A crop as it would be on paper that is white and evenly lit: divided, in linear light, by what bare paper sends
 * back there. Nothing that the protocol asks for: it classifies what the camera gives.
 */
export function whiten({ cell, raster }: Pick<Crop, 'cell' | 'raster'>, paper: PaperLight): Raster {
  const { width, height } = raster;
  const data = new Uint8Array(raster.data.length);
  for (let top = 0; top < height; top += stride) {
    for (let left = 0; left < width; left += stride) {
      const [right, bottom] = [Math.min(left + stride, width), Math.min(top + stride, height)];
      const white = paper.at({
        x: cell.x + (cell.width * (left + right)) / 2 / width,
        y: cell.y + (cell.height * (top + bottom)) / 2 / height,
      });
      const curves = white.map(curveFor) as [Uint8Array, Uint8Array, Uint8Array];
      for (let y = top; y < bottom; y++) {
        for (let at = (y * width + left) * 3, end = (y * width + right) * 3; at < end; at += 3) {
          for (let c = 0; c < 3; c++) data[at + c] = curves[c]![raster.data[at + c]!]!;
        }
      }
    }
  }
  return { width, height, data };
}

/** Levels after the division, for each level before. */
function curveFor(white: Light3[number]): Uint8Array {
  return Uint8Array.from(linearLight, (light) => {
    const value = Math.min(light / Math.max(white, 1e-3), 1);
    return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
  });
}
