import { readFile } from 'node:fs/promises';
import { HalftoneError } from '@halftone/sdk/errors';
import sharp from 'sharp';
import { fileError } from '../../data/schema.ts';
import { mostFramePixels } from '../finder/frame.ts';
import type { Raster } from '../raster.ts';

/** A photograph that claims more pixels than this is refused before memory is spent on it. */
const mostPixels = 268_435_456;

/** A photograph as it was taken, upright. */
export interface Photograph {
  readonly picture: Raster;
  /** Its own size, where it was too large to work on and has been scaled down. */
  readonly reducedFrom?: { readonly width: number; readonly height: number };
}

/**
 * A photograph's file: JPEG, PNG, WebP, AVIF or TIFF, and HEIC where the package heic-decode is installed beside.
 * Turned as its EXIF says, its colours brought to sRGB, transparency laid on white. Above 64 megapixels it is scaled
 * down. `what` names it in errors. Throws `not-found`, or `bad-image` for what is truncated, no image, or has more than
 * 268 megapixels.
 */
export async function readPhotograph(path: string, what = path): Promise<Photograph> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
  return decodePhotograph(bytes, what);
}

/** As `readPhotograph`, from the file's bytes. `what` names it in errors; above `limit` pixels it is scaled down. */
export async function decodePhotograph(
  bytes: Uint8Array,
  what: string,
  limit = mostFramePixels,
): Promise<Photograph> {
  if (isHeic(bytes)) return { picture: await decodeHeic(bytes, what) };
  try {
    const input = { failOn: 'truncated', limitInputPixels: false } as const;
    const { autoOrient } = await sharp(bytes, input).metadata();
    const { width, height } = autoOrient;
    checkSize(width, height, what);
    const image = sharp(bytes, input).autoOrient();
    const isLarge = width * height > limit;
    if (isLarge) image.resize({ width: Math.floor(width * Math.sqrt(limit / (width * height))) });
    const { data, info } = await image
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const picture = { width: info.width, height: info.height, data: inColour(data, info.channels) };
    return isLarge ? { picture, reducedFrom: { width, height } } : { picture };
  } catch (cause) {
    if (cause instanceof HalftoneError) throw cause;
    const reason = (cause as Error).message.split('\n')[0];
    throw new HalftoneError('bad-image', `${what}: not an image that can be decoded (${reason})`, { cause });
  }
}

function checkSize(width: number, height: number, what: string): void {
  if (width * height <= mostPixels) return;
  const megapixels = Math.round((width * height) / 1e6);
  throw new HalftoneError(
    'bad-image',
    `${what}: ${width} × ${height} are ${megapixels} megapixels; ${Math.floor(mostPixels / 1e6)} are the most: scale it down`,
  );
}

/** sharp keeps grey as one channel. */
function inColour(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  const pixels = data.length / channels;
  const colour = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) colour.fill(data[i * channels]!, 3 * i, 3 * i + 3);
  return colour;
}

const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx']);

/** Whether a file's brands say that its pictures are HEVC (ISO/IEC 23008-12), which sharp's own build can't decode. */
function isHeic(bytes: Uint8Array): boolean {
  const text = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 16 || text(4) !== 'ftyp') return false;
  const end = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), bytes.length, 256);
  for (let at = 8; at + 4 <= end; at += 4) {
    if (heicBrands.has(text(at))) return true;
  }
  return false;
}

/** What heic-decode offers: the picture already turned, four bytes a pixel. */
interface HeicDecoder {
  default(input: { buffer: Uint8Array }): Promise<{
    width: number;
    height: number;
    data: Uint8ClampedArray;
  }>;
}

/** Not among the dependencies: its decoder is under the LGPL, and HEVC is patented in many countries. */
const heicPackage = 'heic-decode';

async function decodeHeic(bytes: Uint8Array, what: string): Promise<Raster> {
  let decoder: HeicDecoder;
  try {
    decoder = (await import(/* @vite-ignore */ heicPackage)) as HeicDecoder;
  } catch (cause) {
    throw new HalftoneError(
      'bad-image',
      `${what}: HEIC photographs need the package ${heicPackage} (npm install ${heicPackage}); or save it as JPEG`,
      { cause },
    );
  }
  try {
    const { width, height, data } = await decoder.default({ buffer: bytes });
    checkSize(width, height, what);
    const colour = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) colour.set(data.subarray(4 * i, 4 * i + 3), 3 * i);
    return { width, height, data: colour };
  } catch (cause) {
    if (cause instanceof HalftoneError) throw cause;
    const reason = (cause as Error).message.split('\n')[0];
    throw new HalftoneError('bad-image', `${what}: a HEIC photograph that can't be decoded (${reason})`, {
      cause,
    });
  }
}
