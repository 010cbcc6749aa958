import type { Sheet } from '../sheet/geometry.ts';
import { type InverseMap, STEP } from './inverse-map.ts';
import type { LightMap } from './lighting.ts';
import type { LightRaster, Pyramid } from './pyramid.ts';

/** What lies before the camera. */
export interface Scene {
  readonly paper: Sheet['paper'];
  /** The printed sheet's light at falling resolutions. */
  readonly print: Pyramid;
  readonly desk: LightRaster;
  readonly map: InverseMap;
  readonly light: LightMap;
}

/** Most samples along one side of a pixel: beyond, at grazing angles, a coarser picture serves. */
const mostSamples = 6;

/**
 * The light that each pixel of a frame gets: [height, width, 3], 1 what white sends back at the sheet's middle.
 * Only what is seen is read, at a resolution near the frame's, as many times as a pixel's footprint is long.
 */
export function renderLight(scene: Scene, width: number, height: number): Float32Array {
  const light = new Float32Array(width * height * 3);
  const block = new Block(scene, light, width, height);
  for (let row = 0; row < scene.map.rows - 1; row++) {
    for (let column = 0; column < scene.map.columns - 1; column++) block.draw(column, row);
  }
  return light;
}

/** Draws squares of STEP × STEP pixels, over which places and light change evenly. */
class Block {
  readonly #scene: Scene;
  readonly #light: Float32Array;
  readonly #width: number;
  readonly #height: number;
  readonly #colour = new Float64Array(3);

  constructor(scene: Scene, light: Float32Array, width: number, height: number) {
    this.#scene = scene;
    this.#light = light;
    this.#width = width;
    this.#height = height;
  }

  draw(column: number, row: number): void {
    const { map, light } = this.#scene;
    const node = row * map.columns + column;
    const corners = [node, node + 1, node + map.columns, node + map.columns + 1] as const;
    const read = this.#reader(corners);
    const shade = corners.map((i) => light.shade[i]!) as [number, number, number, number];
    const glare = corners.map((i) => light.glare[i]!) as [number, number, number, number];
    const [left, top] = [column * STEP, row * STEP];
    const [right, bottom] = [Math.min(left + STEP, this.#width), Math.min(top + STEP, this.#height)];
    const colour = this.#colour;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const u = (x - left) / STEP;
        const v = (y - top) / STEP;
        read(u, v);
        const here = between(shade, u + 0.5 / STEP, v + 0.5 / STEP);
        const mirrored = between(glare, u + 0.5 / STEP, v + 0.5 / STEP);
        const at = (y * this.#width + x) * 3;
        this.#light[at] = colour[0]! * here + mirrored;
        this.#light[at + 1] = colour[1]! * here + mirrored;
        this.#light[at + 2] = colour[2]! * here + mirrored;
      }
    }
  }

  /** What reads a pixel of the block, given its upper left corner in shares of the block, into `#colour`. */
  #reader(corners: readonly [number, number, number, number]): (u: number, v: number) => void {
    const { map, paper, print } = this.#scene;
    const xs = corners.map((i) => map.places[2 * i]!) as [number, number, number, number];
    const ys = corners.map((i) => map.places[2 * i + 1]!) as [number, number, number, number];
    // mm for each pixel, across and down.
    const across = Math.hypot(xs[1] - xs[0], ys[1] - ys[0]) / STEP;
    const down = Math.hypot(xs[2] - xs[0], ys[2] - ys[0]) / STEP;
    const cover = coverage(paper, xs, ys, Math.max(across, down));
    if (cover === 'none') return this.#sampler(this.#scene.desk, xs, ys, [1, 1], true);
    const level = levelFor(print, Math.min(across, down));
    const samples = [across, down].map((mm) => samplesFor(mm * level.pixelsPerMm)) as [number, number];
    const onPaper = this.#sampler(level, xs, ys, samples, false);
    if (cover === 'all') return onPaper;
    const besides = this.#sampler(this.#scene.desk, xs, ys, [1, 1], true);
    const colour = this.#colour;
    return (u, v) => {
      const x = between(xs, u + 0.5 / STEP, v + 0.5 / STEP);
      const y = between(ys, u + 0.5 / STEP, v + 0.5 / STEP);
      const share = shareOf(x, paper.width, across) * shareOf(y, paper.height, down);
      besides(u, v);
      const [r, g, b] = [colour[0]!, colour[1]!, colour[2]!];
      if (share === 0) return;
      onPaper(u, v);
      colour[0] = r + share * (colour[0]! - r);
      colour[1] = g + share * (colour[1]! - g);
      colour[2] = b + share * (colour[2]! - b);
    };
  }

  /** The mean of `samples` bilinear readings over a pixel. A repeating picture has an edge of a power of two. */
  #sampler(
    { width, height, pixelsPerMm, data }: LightRaster,
    xs: Corners,
    ys: Corners,
    [nx, ny]: readonly [number, number],
    repeats: boolean,
  ): (u: number, v: number) => void {
    const colour = this.#colour;
    const weight = 1 / (nx * ny);
    const [lastX, lastY] = [width - 1, height - 1];
    return (u, v) => {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let j = 0; j < ny; j++) {
        const sv = v + (j + 0.5) / (ny * STEP);
        for (let i = 0; i < nx; i++) {
          const su = u + (i + 0.5) / (nx * STEP);
          const px = between(xs, su, sv) * pixelsPerMm - 0.5;
          const py = between(ys, su, sv) * pixelsPerMm - 0.5;
          const left = Math.floor(px);
          const top = Math.floor(py);
          const fx = px - left;
          const fy = py - top;
          const x0 = repeats ? mirrored(left, lastX) : left < 0 ? 0 : left > lastX ? lastX : left;
          const x1 = repeats ? mirrored(left + 1, lastX) : left < 0 ? 0 : left >= lastX ? lastX : left + 1;
          const y0 = repeats ? mirrored(top, lastY) : top < 0 ? 0 : top > lastY ? lastY : top;
          const y1 = repeats ? mirrored(top + 1, lastY) : top < 0 ? 0 : top >= lastY ? lastY : top + 1;
          const a = (y0 * width + x0) * 3;
          const c = (y1 * width + x0) * 3;
          const step = (x1 - x0) * 3;
          const w00 = (1 - fx) * (1 - fy);
          const w10 = fx * (1 - fy);
          const w01 = (1 - fx) * fy;
          const w11 = fx * fy;
          r += w00 * data[a]! + w10 * data[a + step]! + w01 * data[c]! + w11 * data[c + step]!;
          g +=
            w00 * data[a + 1]! + w10 * data[a + step + 1]! + w01 * data[c + 1]! + w11 * data[c + step + 1]!;
          b +=
            w00 * data[a + 2]! + w10 * data[a + step + 2]! + w01 * data[c + 2]! + w11 * data[c + step + 2]!;
        }
      }
      colour[0] = r * weight;
      colour[1] = g * weight;
      colour[2] = b * weight;
    };
  }
}

/** A picture repeated, every second time turned over, so that there is no seam; `last` is a power of two less one. */
function mirrored(place: number, last: number): number {
  return place & (last + 1) ? last - (place & last) : place & last;
}

/** A value at the upper left, upper right, lower left and lower right corners of a block. */
type Corners = readonly [number, number, number, number];

/** A value inside a block, from those at its corners. */
function between(corners: Corners, u: number, v: number): number {
  const above = corners[0] + u * (corners[1] - corners[0]);
  const below = corners[2] + u * (corners[3] - corners[2]);
  return above + v * (below - above);
}

/** Whether a block sees paper alone, none, or its edge; `margin` in mm. */
function coverage(paper: Sheet['paper'], xs: Corners, ys: Corners, margin: number): 'all' | 'none' | 'some' {
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const { width, height } = paper;
  if (right < -margin || bottom < -margin || left > width + margin || top > height + margin) return 'none';
  const inside = left > margin && top > margin && right < width - margin && bottom < height - margin;
  return inside ? 'all' : 'some';
}

/** How much of a pixel lies between 0 and `extent`, where it is `size` long and its middle at `place`. */
function shareOf(place: number, extent: number, size: number): number {
  const inside = Math.min(place, extent - place) / size + 0.5;
  return inside < 0 ? 0 : inside > 1 ? 1 : inside;
}

/** The level whose pixels are about as large as the shorter side of a frame's pixel. */
function levelFor(print: Pyramid, mm: number): LightRaster {
  const level = Math.round(Math.log2(Math.max(1, mm * print[0]!.pixelsPerMm)));
  return print[Math.min(level, print.length - 1)]!;
}

function samplesFor(pixels: number): number {
  return Math.max(1, Math.min(mostSamples, Math.round(pixels)));
}
