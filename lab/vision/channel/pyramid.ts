/** A picture in linear light at one resolution. */
export interface LightRaster {
  readonly width: number;
  readonly height: number;
  /** Pixels for each mm. */
  readonly pixelsPerMm: number;
  /** Rows from the top, three values a pixel. */
  readonly data: Float32Array;
}

/** A picture at falling resolutions, each half the one before: reading it coarsely costs no more than finely. */
export type Pyramid = readonly LightRaster[];

/** Halves a picture until it is no longer than `least` pixels. */
export function pyramidOf(finest: LightRaster, least = 64): Pyramid {
  const levels = [finest];
  let last = finest;
  while (Math.min(last.width, last.height) > 2 * least) {
    last = halved(last);
    levels.push(last);
  }
  return levels;
}

/** Each pixel the mean of four. An odd last row or column is left away. */
function halved({ width, height, pixelsPerMm, data }: LightRaster): LightRaster {
  const [halfWidth, halfHeight] = [width >> 1, height >> 1];
  const half = new Float32Array(halfWidth * halfHeight * 3);
  for (let y = 0, at = 0; y < halfHeight; y++) {
    let above = 2 * y * width * 3;
    let below = above + width * 3;
    for (let x = 0; x < halfWidth; x++, above += 6, below += 6, at += 3) {
      half[at] = 0.25 * (data[above]! + data[above + 3]! + data[below]! + data[below + 3]!);
      half[at + 1] = 0.25 * (data[above + 1]! + data[above + 4]! + data[below + 1]! + data[below + 4]!);
      half[at + 2] = 0.25 * (data[above + 2]! + data[above + 5]! + data[below + 2]! + data[below + 5]!);
    }
  }
  return { width: halfWidth, height: halfHeight, pixelsPerMm: pixelsPerMm / 2, data: half };
}
