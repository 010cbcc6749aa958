import type { Raster } from '../raster.ts';
import type { CellImage } from './geometry.ts';

/** Pictures to lay on sheets in tests: each a pattern of its own, `clean` and `fgsm` versions of each source. */
export function testImages(
  sources: number,
  width = 16,
  height = width,
): { images: CellImage[]; pictures: Raster[] } {
  const images: CellImage[] = [];
  const pictures: Raster[] = [];
  for (let source = 0; source < sources; source++) {
    for (const [k, variant] of ['clean', 'fgsm epsilon=8/255'].entries()) {
      images.push({ file: `images/${source}-${k}.png`, width, height, source, label: source % 3, variant });
      pictures.push(pattern(width, height, source, 8 * k));
    }
  }
  return { images, pictures };
}

function pattern(width: number, height: number, source: number, change: number): Raster {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const sign = (x * 7 + y * 3 + source) % 2 === 0 ? change : -change;
      data[at] = 40 + ((source * 53) % 160) + sign;
      data[at + 1] = 40 + Math.floor((x / width) * 160) + sign;
      data[at + 2] = 40 + Math.floor((y / height) * 160) + sign;
    }
  }
  return { width, height, data };
}
