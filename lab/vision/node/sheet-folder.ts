import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { HalftoneError, throwIfCancelled } from '@halftone/sdk';
import { writeAtomic } from '../../data/atomic.ts';
import type { ClassEntry } from '../../data/classes.ts';
import { type LabelledFile, labelledFiles } from '../../data/folder.ts';
import { makeFolder } from '../../data/folders.ts';
import { fileError, parseWith, readJson } from '../../data/schema.ts';
import type { Raster } from '../raster.ts';
import { type CellImage, type Sheet, sheetSchema } from '../sheet/geometry.ts';
import { layOut } from '../sheet/layout.ts';
import type { SheetSettingsInput } from '../sheet/settings.ts';
import { sheetsPdf } from './pdf.ts';
import { readPicture, writePicture } from './pictures.ts';

/** A folder of images in one version: clean, or attacked. */
export interface VariantFolder {
  readonly variant: string;
  readonly folder: string;
}

export interface SheetFolderOptions {
  /** The first one says which images there are; an image of another one is the same image where its name is the same. */
  readonly variants: readonly VariantFolder[];
  /** A new or empty folder: gets `sheets.pdf`, `sheet-N.json` and the images at their own pixels. */
  readonly out: string;
  readonly run: string;
  readonly settings: SheetSettingsInput;
  /** Names for the labels that files or sub-folders carry; without it every label is 0. */
  readonly classes?: readonly ClassEntry[];
  readonly signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

/** The PDF of a folder of sheets. */
export const pdfName = 'sheets.pdf';

/**
 * Lays the images of folders on sheets and writes everything that printing and finding them takes into a folder.
 * Throws `not-found`, `bad-file`, `bad-image`, `bad-labels`, `bad-argument` where nothing fits, `cancelled`.
 */
export async function writeSheetFolder(options: SheetFolderOptions): Promise<Sheet[]> {
  const { out, run, settings, signal } = options;
  await checkEmpty(out);
  const found = await findImages(options);
  const pictures = new Map<string, Raster>();
  const images: CellImage[] = [];
  for (const { path, file, source, label, variant } of found) {
    throwIfCancelled(signal);
    const picture = await readPicture(path);
    pictures.set(file, picture);
    images.push({ file, width: picture.width, height: picture.height, source, label, variant });
    options.onProgress?.(images.length, found.length);
  }
  const sheets = layOut(images, run, settings);
  const perSheet = sheets.map(({ cells }) => cells.map(({ image }) => pictures.get(image.file)!));
  const pdf = await sheetsPdf(sheets, perSheet);
  for (const [i, { variant }] of options.variants.entries())
    await makeFolder(join(out, folderOf(i, variant)));
  for (const [file, picture] of pictures) await writePicture(join(out, file), picture);
  await writeAtomic(join(out, pdfName), pdf);
  for (const sheet of sheets) {
    await writeAtomic(join(out, `sheet-${sheet.sheet}.json`), `${JSON.stringify(sheet, null, 2)}\n`);
  }
  return sheets;
}

/** A sheet's description. Throws `not-found` or `bad-file`. */
export async function readSheet(path: string): Promise<Sheet> {
  return parseWith(sheetSchema, await readJson(path), path);
}

/**
 * The pictures of a sheet's cells. Their paths are relative to the run's folder, which is the folder of `sheetPath`
 * or the one above it. Throws `not-found` or `bad-image`.
 */
export async function readCellPictures(sheet: Sheet, sheetFolder: string): Promise<Raster[]> {
  const above = join(sheetFolder, '..');
  return Promise.all(
    sheet.cells.map(async ({ image }) => {
      const beside = await readPicture(join(sheetFolder, image.file)).catch((error: HalftoneError) => error);
      if (!(beside instanceof Error)) return beside;
      if (beside.code !== 'not-found') throw beside;
      return readPicture(join(above, image.file));
    }),
  );
}

interface FoundImage {
  readonly path: string;
  /** Where it goes, relative to the sheets' folder. */
  readonly file: string;
  readonly source: number;
  readonly label: number;
  readonly variant: string;
}

/** Version by version for each image, in the order of the first folder. */
async function findImages({ variants, classes }: SheetFolderOptions): Promise<FoundImage[]> {
  const [first, ...others] = await Promise.all(
    variants.map(async ({ variant, folder }, i) => {
      const files = await filesOf(folder, classes);
      return {
        variant,
        folder: folderOf(i, variant),
        files,
        byName: new Map(files.map((file) => [stem(file), file])),
      };
    }),
  );
  if (first === undefined) throw new HalftoneError('bad-argument', 'no folder of images given');
  for (const [i, { files }] of others.entries()) {
    const stranger = files.find((file) => !first.byName.has(stem(file)));
    if (stranger === undefined) continue;
    const text = `${variants[i + 1]!.folder}: ${stranger.name} is a version of no image in ${variants[0]!.folder}`;
    throw new HalftoneError('bad-argument', text);
  }
  return first.files.flatMap((file, source) =>
    [first, ...others].flatMap(({ variant, folder, byName }) => {
      const version = byName.get(stem(file));
      const name = `${folder}/${String(source).padStart(5, '0')}.png`;
      return version === undefined
        ? []
        : [{ path: version.path, file: name, source, label: file.label, variant }];
    }),
  );
}

function stem({ name }: LabelledFile): string {
  return name.slice(0, name.length - extname(name).length);
}

function folderOf(index: number, variant: string): string {
  return `images/${index}-${variant.replaceAll(/[^\w.-]+/g, '-')}`;
}

/** Without classes any word will do for one. */
async function filesOf(folder: string, classes: readonly ClassEntry[] | undefined): Promise<LabelledFile[]> {
  if (classes !== undefined) return labelledFiles(folder, classes);
  const names = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw fileError(folder, cause);
  });
  const images = names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i.test(name) && !/(^|\/)\./.test(name));
  if (images.length === 0) throw new HalftoneError('not-found', `${folder}: no images in it`);
  return images.sort().map((name) => ({ path: join(folder, name), name, label: 0 }));
}

async function checkEmpty(out: string): Promise<void> {
  const names = await readdir(out).catch((): string[] => []);
  if (names.length === 0) return;
  throw new HalftoneError(
    'bad-file',
    `${out} is not empty; sheets that may have been printed are not overwritten`,
  );
}
