import type { Texels } from './artwork.ts';
import { type Homography, inverse } from './pose.ts';

/**
 * A drawing as it appears in the image: for each pixel's centre the place on the canvas that `toPixels` sends
 * there, read bilinearly. `layer` is [size, size, 4], light multiplied by opacity; 0 beside the canvas.
 */
export function warp(texels: Texels, toPixels: Homography, size: number, layer: Float32Array): void {
  const back = Float64Array.from(inverse(toPixels));
  const half = texels.edge / 2;
  layer.fill(0);
  for (let y = 0; y < size; y++) {
    const py = y + 0.5;
    const uy = back[1]! * py + back[2]!;
    const vy = back[4]! * py + back[5]!;
    const wy = back[7]! * py + back[8]!;
    for (let x = 0; x < size; x++) {
      const px = x + 0.5;
      const w = back[6]! * px + wy;
      const u = ((back[0]! * px + uy) / w + 1) * half - 0.5;
      const v = ((back[3]! * px + vy) / w + 1) * half - 0.5;
      // Drawings leave their canvas's rim clear, so that nothing is read across it.
      if (u >= 0 && v >= 0 && u < texels.edge - 1 && v < texels.edge - 1) {
        readTexel(texels, u, v, layer, (y * size + x) * 4);
      }
    }
  }
}

/** Bilinear between the four texels about (u, v), which count from the first one's centre. */
function readTexel({ edge, data }: Texels, u: number, v: number, to: Float32Array, at: number): void {
  const left = u | 0;
  const top = v | 0;
  const fu = u - left;
  const fv = v - top;
  const first = (top * edge + left) * 4;
  const next = first + edge * 4;
  for (let c = 0; c < 4; c++) {
    const above = data[first + c]! + fu * (data[first + 4 + c]! - data[first + c]!);
    const below = data[next + c]! + fu * (data[next + 4 + c]! - data[next + c]!);
    to[at + c] = above + fv * (below - above);
  }
}
