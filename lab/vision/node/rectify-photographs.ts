import { basename, extname, join } from 'node:path';
import { throwIfCancelled } from '@halftone/sdk';
import { HalftoneError } from '@halftone/sdk/errors';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import type { Crop } from '../finder/cut.ts';
import type { Refusal } from '../finder/finding.ts';
import type { SheetMap } from '../finder/sheet-map.ts';
import { loadOpenCv } from '../opencv.ts';
import type { CaptureGrade, CropGrade } from '../quality/grade.ts';
import { type Rectified, type RectifyOptions, rectify } from '../rectify.ts';
import { readPhotograph } from './photographs.ts';
import { writePicture } from './pictures.ts';

/** An image cut out of a photograph and written as PNG. */
export interface CropFile extends Omit<CropGrade, 'index'> {
  readonly file: string;
  readonly source: number;
  readonly label: number;
  readonly variant: string;
}

/** What came of one photograph. */
export type PhotographRecord =
  | {
      readonly photograph: string;
      readonly found: true;
      readonly sheet: number;
      readonly run: string;
      /** Marks read, and the residual of the fit in pixels. */
      readonly markers: number;
      readonly residual: number;
      readonly map: SheetMap;
      readonly grade: Omit<CaptureGrade, 'crops'>;
      readonly crops: readonly CropFile[];
    }
  | {
      readonly photograph: string;
      readonly found: false;
      readonly reason: Refusal | 'unreadable';
      readonly message: string;
    };

export interface RectifyFilesOptions extends RectifyOptions {
  /** Folder for a folder of crops for each photograph. */
  readonly out: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Finds a sheet in each photograph and writes its images as PNG, in a folder named after the photograph, with
 * `capture.json` beside. A photograph that can't be used is recorded with the reason, and the others are done.
 * Throws `bad-file` where nothing can be written, `not-found` for a photograph that isn't there, `cancelled`.
 */
export async function rectifyPhotographs(
  paths: readonly string[],
  options: RectifyFilesOptions,
): Promise<PhotographRecord[]> {
  const records: PhotographRecord[] = [];
  const names = namesOf(paths);
  for (const [i, path] of paths.entries()) {
    throwIfCancelled(options.signal);
    records.push(await rectifyFile(path, join(options.out, names[i]!), options));
    options.onProgress?.(records.length, paths.length);
  }
  return records;
}

/** Folders' names: the photographs' own, with a number where two are alike. */
function namesOf(paths: readonly string[]): string[] {
  const used = new Set<string>();
  return paths.map((path) => {
    const stem = basename(path, extname(path));
    let name = stem;
    for (let i = 2; used.has(name); i++) name = `${stem}-${i}`;
    used.add(name);
    return name;
  });
}

async function rectifyFile(
  photograph: string,
  folder: string,
  options: RectifyOptions,
): Promise<PhotographRecord> {
  const cv = await loadOpenCv();
  let result: ReturnType<typeof rectify>;
  try {
    const { picture } = await readPhotograph(photograph);
    result = rectify(cv, picture, options);
  } catch (error) {
    if (!(error instanceof HalftoneError) || error.code !== 'bad-image') throw error;
    return { photograph, found: false, reason: 'unreadable', message: error.message };
  }
  if (!('crops' in result)) {
    const { reason, message } = result;
    return { photograph, found: false, reason, message };
  }
  return write(photograph, folder, result);
}

async function write(
  photograph: string,
  folder: string,
  { found, grade, crops }: Rectified,
): Promise<PhotographRecord> {
  await makeFolder(folder);
  const files: CropFile[] = [];
  for (const crop of crops) {
    const file = join(folder, cropName(crop));
    await writePicture(file, crop.raster);
    const { source, label, variant } = crop.cell.image;
    const { index: _, ...graded } = grade.crops[crop.index]!;
    files.push({ file, source, label, variant, ...graded });
  }
  const { crops: _, ...whole } = grade;
  const { sheet, markers, residual, map } = found;
  const record = {
    photograph,
    found: true as const,
    sheet: sheet.sheet,
    run: sheet.run,
    markers: markers.length,
    residual,
    map,
    grade: whole,
    crops: files,
  };
  await writeAtomic(join(folder, 'capture.json'), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Where the cell lies on its sheet, which image it is, and how that was made. */
function cropName({ index, cell }: Crop): string {
  const variant = cell.image.variant.replaceAll(/[^\w.=-]+/g, '_').slice(0, 60);
  return `${String(index + 1).padStart(2, '0')}-image-${cell.image.source}-${variant}.png`;
}
