import { type Homography, inverted, projected } from '@halftone/sdk/image';
import type { Texels } from './artwork.ts';

/**
 * A drawing as it appears in the image: for each pixel's centre the place on the canvas that `toPixels` sends
 * there, read bilinearly. `layer` is [size, size, 4], light multiplied by opacity; 0 beside the canvas.
 */
export function warp(texels: Texels, toPixels: Homography, size: number, layer: Float32Array): void {
  const back = Float64Array.from(inverted(toPixels));
  const half = texels.edge / 2;
  layer.fill(0);
  const { left, right, top, bottom } = boxOf(toPixels, size);
  for (let y = top; y < bottom; y++) {
    const py = y + 0.5;
    const uy = back[1]! * py + back[2]!;
    const vy = back[4]! * py + back[5]!;
    const wy = back[7]! * py + back[8]!;
    for (let x = left; x < right; x++) {
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

/** The pixels, within the image, that the canvas may cover. */
function boxOf(toPixels: Homography, size: number) {
  const corners = [-1, 1].flatMap((x) => [-1, 1].map((y) => projected(toPixels, x, y)));
  const within = (value: number): number => Math.max(0, Math.min(size, value));
  const across = corners.map(([x]) => x);
  const down = corners.map(([, y]) => y);
  return {
    left: within(Math.floor(Math.min(...across))),
    right: within(Math.ceil(Math.max(...across))),
    top: within(Math.floor(Math.min(...down))),
    bottom: within(Math.ceil(Math.max(...down))),
  };
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
