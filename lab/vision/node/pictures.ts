import { readFile } from 'node:fs/promises';
import { HalftoneError } from '@halftone/sdk/errors';
import sharp from 'sharp';
import { writeAtomic } from '../../data/atomic.ts';
import { fileError } from '../../data/schema.ts';
import type { Raster } from '../raster.ts';

/**
 * An image file at its own pixels: turned as its EXIF says, transparency laid on white, grey made RGB; never
 * resized. Throws `not-found` or `bad-image`, naming the file.
 */
export async function readPicture(path: string): Promise<Raster> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw fileError(path, cause);
  }
  try {
    const { data, info } = await sharp(bytes, { failOn: 'truncated' })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: inColour(data, info.channels) };
  } catch (cause) {
    throw undecodable(path, cause);
  }
}

/**
 * An image file small enough to be looked at beside others: upright, at most so many pixels wide, WebP. JPEGs are
 * decoded no larger than need be. Throws `not-found` or `bad-image`, naming the file.
 */
export async function previewOf(path: string, width: number): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  try {
    const image = sharp(bytes).autoOrient();
    return await image.resize({ width, withoutEnlargement: true }).webp({ quality: 85 }).toBuffer();
  } catch (cause) {
    throw undecodable(path, cause);
  }
}

function undecodable(path: string, cause: unknown): HalftoneError {
  const reason = (cause as Error).message.split('\n')[0];
  return new HalftoneError('bad-image', `${path}: not an image that can be decoded (${reason})`, { cause });
}

/** sharp keeps grey as one channel. */
function inColour(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data;
  return Uint8Array.from(
    { length: (data.length / channels) * 3 },
    (_, i) => data[Math.floor(i / 3) * channels]!,
  );
}

/** A picture as PNG, losslessly. */
export async function encodePng({ width, height, data }: Raster): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ palette: false })
    .toBuffer();
}

/** Writes a picture as PNG, whole or not at all. Throws as `writeAtomic`. */
export async function writePicture(path: string, picture: Raster): Promise<void> {
  await writeAtomic(path, await encodePng(picture));
}
