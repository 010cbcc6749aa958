import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { fileError } from '../../data/schema.ts';
import type { Run } from '../folder.ts';
import { type Html, html } from './markup.ts';

/** How much a perturbation is amplified in a report. */
export const AMPLIFIED = 8;

/** A picture of a run inside the page, at whole-number zoom. `file` is relative to the run's folder. */
export async function embedded(run: Run, file: string, alt: string): Promise<Html> {
  const bytes = await read(run, file);
  return picture(bytes, alt, await pixelsOf(bytes));
}

/** The difference of two pictures of one size, ×8, centred on grey; what would leave the range is cut off. */
export async function difference(run: Run, file: string, from: string, alt: string): Promise<Html> {
  const [changed, origin] = await Promise.all([raw(run, file), raw(run, from)]);
  const { width, height, channels } = changed.info;
  const data = changed.data.map((value, i) =>
    Math.min(255, Math.max(0, Math.round(128 + AMPLIFIED * (value - (origin.data[i] ?? 0))))),
  );
  const png = await sharp(data, { raw: { width, height, channels } }).png().toBuffer();
  return picture(png, alt, { width, height });
}

function picture(png: Uint8Array, alt: string, { width, height }: { width: number; height: number }): Html {
  const zoom = Math.max(1, Math.round(112 / Math.max(width, height)));
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return html`<img src="${source}" width="${width * zoom}" height="${height * zoom}" alt="${alt}">`;
}

async function pixelsOf(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  const { width = 1, height = 1 } = await sharp(bytes).metadata();
  return { width, height };
}

async function raw(run: Run, file: string) {
  return sharp(await read(run, file))
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
}

async function read({ folder }: Run, file: string): Promise<Uint8Array> {
  const path = join(folder, file);
  return readFile(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
}
