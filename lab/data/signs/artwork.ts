import sharp from 'sharp';
import { lightOfLevel } from './colour.ts';
import { signClasses } from './drawings/catalogue.ts';
import { svgFile } from './drawings/svg.ts';

/**
 * The drawings as texels: every variant of every sign once, at several sizes, so that a sample costs one reading
 * of the size nearest to its own. One block of memory, shared by all threads.
 */

/** Edges of the stored sizes, the largest first. Steps of √2: a sign is never shrunk by more than that. */
const edges = [128, 91, 64, 45, 32] as const;
/** Edge of the rendering that all sizes are averaged from. */
const drawnEdge = 256;

const floatsPerVariant = edges.reduce((sum, edge) => sum + edge * edge * 4, 0);

/** A drawing at one size: linear light and opacity, light multiplied by opacity, [edge, edge, 4]. */
export interface Texels {
  readonly edge: number;
  readonly data: Float32Array;
}

/** The number of a variant among all variants of all classes. */
export function variantNumber(label: number, variant: number): number {
  const before = signClasses.slice(0, label);
  return before.reduce((sum, { variants }) => sum + variants.length, 0) + variant;
}

/** The smallest stored size of a variant that holds at least 0.9 texels for each of `pixels` across. */
export function texelsFor(artwork: SharedArrayBuffer, variant: number, pixels: number): Texels {
  let offset = variant * floatsPerVariant;
  let chosen: Texels | undefined;
  for (const edge of edges) {
    if (chosen !== undefined && edge < 0.9 * pixels) break;
    chosen = { edge, data: new Float32Array(artwork, offset * 4, edge * edge * 4) };
    offset += edge * edge * 4;
  }
  return chosen!;
}

/** Rasterises all drawings. Takes about half a second; off the event loop but for the averaging. */
export async function drawArtwork(): Promise<SharedArrayBuffer> {
  const drawings = signClasses.flatMap(({ variants }) => variants.map(({ drawing }) => drawing));
  const artwork = new SharedArrayBuffer(drawings.length * floatsPerVariant * 4);
  const all = new Float32Array(artwork);
  let offset = 0;
  for (const drawing of drawings) {
    const light = await rasterise(drawing);
    for (const edge of edges) {
      average(light, drawnEdge, all.subarray(offset, offset + edge * edge * 4), edge);
      offset += edge * edge * 4;
    }
  }
  return artwork;
}

async function rasterise(drawing: string): Promise<Float32Array> {
  const levels = await sharp(Buffer.from(svgFile(drawing, drawnEdge)))
    .ensureAlpha()
    .raw()
    .toBuffer();
  const light = new Float32Array(drawnEdge * drawnEdge * 4);
  for (let i = 0; i < light.length; i += 4) {
    const opacity = levels[i + 3]! / 255;
    for (let c = 0; c < 3; c++) light[i + c] = lightOfLevel[levels[i + c]!]! * opacity;
    light[i + 3] = opacity;
  }
  return light;
}

/** Each texel of the smaller square becomes the mean over the area that it covers of the larger one. */
function average(from: Float32Array, fromEdge: number, to: Float32Array, toEdge: number): void {
  const turned = new Float32Array(toEdge * fromEdge * 4);
  averageRows(from, fromEdge, turned, toEdge, fromEdge);
  averageRows(turned, fromEdge, to, toEdge, toEdge);
}

/** Averages `rows` rows of `fromCount` texels to `toCount` each and turns the picture over: rows become columns. */
function averageRows(
  from: Float32Array,
  fromCount: number,
  to: Float32Array,
  toCount: number,
  rows: number,
): void {
  const ratio = fromCount / toCount;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < toCount; k++) {
      const start = k * ratio;
      const end = Math.min(start + ratio, fromCount);
      const at = (k * rows + row) * 4;
      for (let i = Math.floor(start); i < end; i++) {
        const share = (Math.min(i + 1, end) - Math.max(i, start)) / ratio;
        const texel = (row * fromCount + i) * 4;
        for (let c = 0; c < 4; c++) to[at + c]! += share * from[texel + c]!;
      }
    }
  }
}
