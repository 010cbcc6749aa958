import { channelsOf, type Frame, linearLight } from './frame.ts';

/** Luminance at a point of a frame, in linear light from 0 to 1; beyond the frame its rim goes on. */
export type Light = (x: number, y: number) => number;

/** Bilinear samples of a frame's luminance, weighed as (R + 2G + B) / 4. */
export function lightOf(frame: Frame): Light {
  const { width, height, data } = frame;
  const channels = channelsOf(frame);
  const table = linearLight;
  const at = (index: number) =>
    (table[data[index]!]! + 2 * table[data[index + 1]!]! + table[data[index + 2]!]!) / 4;
  return (x, y) => {
    const px = Math.min(Math.max(x - 0.5, 0), width - 1);
    const py = Math.min(Math.max(y - 0.5, 0), height - 1);
    const column = Math.floor(px);
    const row = Math.floor(py);
    const fx = px - column;
    const fy = py - row;
    const right = column + 1 < width ? channels : 0;
    const here = (row * width + column) * channels;
    const below = row + 1 < height ? here + width * channels : here;
    const top = at(here) * (1 - fx) + at(here + right) * fx;
    const bottom = at(below) * (1 - fx) + at(below + right) * fx;
    return top * (1 - fy) + bottom * fy;
  };
}

/** Whether a point lies in a frame, at least `margin` pixels from its rim. */
export function isInside(frame: Frame, { x, y }: { x: number; y: number }, margin = 0): boolean {
  return x >= margin && y >= margin && x <= frame.width - margin && y <= frame.height - margin;
}
