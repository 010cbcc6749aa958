import type { Operation } from './operation.ts';

/** Which place of a source picture each pixel of a target shows. */
export interface PlaceMap {
  readonly width: number;
  readonly height: number;
  /** Two a pixel: x and y in the source's pixels, from the upper left corner of its first one. */
  readonly places: Float32Array;
}

/** A projective map of the plane, row by row. */
export type Homography = readonly [number, number, number, number, number, number, number, number, number];

/** Where a point goes. */
export function projected(h: Homography, x: number, y: number): readonly [x: number, y: number] {
  const w = h[6] * x + h[7] * y + h[8];
  return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w];
}

/** The map back, up to a factor, which a projective map doesn't feel. */
export function inverted([a, b, c, d, e, f, g, h, i]: Homography): Homography {
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
}

/** The places that a projective map from target to source pixels gives. */
export function placesOf(toSource: Homography, width: number, height: number): PlaceMap {
  const places = new Float32Array(width * height * 2);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = projected(toSource, (i % width) + 0.5, Math.floor(i / width) + 0.5);
    places[2 * i] = x;
    places[2 * i + 1] = y;
  }
  return { width, height, places };
}

/**
 * Reads a picture bilinearly at the places of a map, as an operation. Beyond its edges the picture goes on as its
 * outermost pixels. A picture that is made smaller must be blurred first.
 */
export function warpOf(
  source: { readonly width: number; readonly height: number },
  map: PlaceMap,
): Operation {
  return (input) => {
    const values = new Float32Array(map.width * map.height * 3);
    walk(source, map, (to, from, weight) => {
      for (let c = 0; c < 3; c++) values[to + c]! += weight * input[from + c]!;
    });
    return {
      values,
      pullback(cotangent) {
        const back = new Float32Array(input.length);
        walk(source, map, (to, from, weight) => {
          for (let c = 0; c < 3; c++) back[from + c]! += weight * cotangent[to + c]!;
        });
        return back;
      },
    };
  };
}

function walk(
  { width, height }: { readonly width: number; readonly height: number },
  { places }: PlaceMap,
  move: (to: number, from: number, weight: number) => void,
): void {
  for (let i = 0; i < places.length / 2; i++) {
    const x = Math.max(0, Math.min(width - 1, places[2 * i]! - 0.5));
    const y = Math.max(0, Math.min(height - 1, places[2 * i + 1]! - 0.5));
    const [left, top] = [Math.min(Math.floor(x), width - 2), Math.min(Math.floor(y), height - 2)];
    const [fx, fy] = [x - left, y - top];
    const at = (top * width + left) * 3;
    move(3 * i, at, (1 - fx) * (1 - fy));
    move(3 * i, at + 3, fx * (1 - fy));
    move(3 * i, at + 3 * width, (1 - fx) * fy);
    move(3 * i, at + 3 * width + 3, fx * fy);
  }
}
