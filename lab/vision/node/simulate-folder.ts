import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HalftoneError, seeded, throwIfCancelled } from '@halftone/sdk';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import { fileError } from '../../data/schema.ts';
import { type CameraName, cameras, type PrinterName, printers } from '../channel/presets.ts';
import { focalLength } from '../channel/projection.ts';
import { printToShoot } from '../channel/shoot.ts';
import type { ViewRanges } from '../channel/views.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { writePicture } from './pictures.ts';
import { pdfName, readCellPictures, readSheet } from './sheet-folder.ts';

export interface SimulateOptions {
  /** A `sheet-N.json`, or the `sheets.pdf` beside such files for all of them. */
  readonly path: string;
  readonly out: string;
  readonly camera: CameraName;
  readonly printer: PrinterName;
  /** Photographs of each sheet. */
  readonly views: number;
  readonly ranges: ViewRanges;
  readonly seed: number;
  readonly signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

/** A simulated photograph on disk. */
export interface SimulatedFrame {
  /** Paths of the PNG and of the truth beside it. */
  readonly frame: string;
  readonly truth: string;
  readonly sheet: number;
}

/**
 * Simulated photographs of printed sheets as PNGs, each with a JSON file of how it was taken and where everything
 * really is. Throws `not-found`, `bad-file`, `bad-image`, `cancelled`.
 */
export async function simulateFolder(options: SimulateOptions): Promise<SimulatedFrame[]> {
  const { out, views, signal } = options;
  const sheets = await sheetsAt(options.path);
  await makeFolder(out);
  const frames: SimulatedFrame[] = [];
  for (const sheet of sheets) {
    throwIfCancelled(signal);
    const shoot = await printed(sheet, options);
    for (let view = 1; view <= views; view++) {
      throwIfCancelled(signal);
      frames.push(await shoot(view));
      options.onProgress?.(frames.length, sheets.length * views);
    }
  }
  return frames;
}

async function sheetsAt(path: string): Promise<Sheet[]> {
  if (!path.toLowerCase().endsWith('.pdf')) return [await readSheet(path)];
  const folder = dirname(path);
  const names = await readdir(folder).catch((cause: unknown) => {
    throw fileError(folder, cause);
  });
  const sheets = await Promise.all(
    names.filter((name) => /^sheet-\d+\.json$/.test(name)).map((name) => readSheet(join(folder, name))),
  );
  if (sheets.length > 0) return sheets.sort((a, b) => a.sheet - b.sheet);
  throw new HalftoneError(
    'not-found',
    `no sheet-N.json beside ${basename(path)}: the geometry of ${pdfName} is there`,
  );
}

async function printed(
  sheet: Sheet,
  options: SimulateOptions,
): Promise<(view: number) => Promise<SimulatedFrame>> {
  const camera = cameras[options.camera];
  const studio = { printer: printers[options.printer], camera, ranges: options.ranges };
  const pictures = await readCellPictures(sheet, dirname(options.path));
  const random = seeded(options.seed).derive(sheet.sheet);
  const shoot = printToShoot(sheet, pictures, studio, random.derive('print'));
  return async (number) => {
    const { frame, truth, view } = shoot(random.derive(number));
    const name = join(options.out, `sheet${sheet.sheet}-view${number}`);
    await writePicture(`${name}.png`, frame);
    const { markers, cells } = truth;
    const told = {
      run: sheet.run,
      sheet: sheet.sheet,
      printer: options.printer,
      camera: options.camera,
      focalLength: focalLength(camera),
      view,
      markers: markers.map((corners, i) => ({ id: sheet.markers[i]!.id, corners })),
      cells: cells.map((corners) => ({ corners })),
    };
    await writeAtomic(`${name}.json`, `${JSON.stringify(told)}\n`);
    return { frame: `${name}.png`, truth: `${name}.json`, sheet: sheet.sheet };
  };
}
