import { access } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type ClassEntry, loadClasses, parseClasses } from '../classes.ts';
import { type LabelledFile, labelledFiles } from '../folder.ts';
import { type ImageShape, readImages } from '../images.ts';
import { parseWith, readJson } from '../schema.ts';
import type { KnownSet } from './known.ts';
import { checkIndices } from './levels.ts';
import type { DataSet, Split } from './types.ts';

/**
 * A data set of a person's own: folders of images, and a JSON file that says which. Paths in it are from the
 * folder that it lies in.
 */
const description = z.strictObject({
  summary: z.string().min(1).optional(),
  /** A file of classes, or the list itself; see `parseClasses`. */
  classes: z.union([z.string().min(1), z.array(z.unknown()), z.record(z.string(), z.unknown())]),
  /** Every image is made this size; see `decodeImage`. */
  height: z.int().min(1).max(4096),
  width: z.int().min(1).max(4096),
  channels: z.union([z.literal(1), z.literal(3)]).default(3),
  /** Folders whose files say their classes; see `labelledFiles`. */
  train: z.string().min(1),
  test: z.string().min(1),
});

/** Whether a data set is given as a file that describes it, and not by name. */
export function isDescription(name: string): boolean {
  return /\.json$/i.test(name);
}

/**
 * The data set that a JSON file describes. Opening it lists the files and finds their labels; reading decodes.
 * `open` throws `not-found`, `bad-file`, `bad-labels`, naming the file or folder.
 */
export function imageFolders(path: string): KnownSet {
  const name = basename(path).replace(/\.json$/i, '');
  const summary = `images in folders, as ${path} says`;
  return {
    name,
    summary,
    isHere: () =>
      access(path).then(
        () => true,
        () => false,
      ),
    open: async (): Promise<DataSet> => {
      const described = parseWith(description, await readJson(path), path);
      const { height, width, channels } = described;
      const shape = { height, width, channels };
      const place = (relative: string) => resolve(dirname(path), relative);
      const classes = await classesOf(described.classes, path, place);
      const [train, test] = await Promise.all(
        [described.train, described.test].map(async (folder) =>
          fileSplit(await labelledFiles(place(folder), classes), shape),
        ),
      );
      const splits = { train: train!, test: test! };
      return { name, summary: described.summary ?? summary, classes, ...shape, splits };
    },
  };
}

async function classesOf(
  given: unknown,
  path: string,
  place: (relative: string) => string,
): Promise<ClassEntry[]> {
  return typeof given === 'string' ? loadClasses(place(given)) : parseClasses(given, `${path}: classes`);
}

function fileSplit(files: readonly LabelledFile[], shape: ImageShape): Split {
  const chosen = (indices: ArrayLike<number>) => {
    checkIndices(indices, files.length);
    return Array.from(indices, (index) => files[index]!);
  };
  const labels = (indices: ArrayLike<number>) => Int32Array.from(chosen(indices), ({ label }) => label);
  return {
    count: files.length,
    labels,
    read: async (indices, signal) => {
      const paths = chosen(indices).map(({ path }) => path);
      const images = await readImages(paths, shape, signal === undefined ? {} : { signal });
      return { images, labels: labels(indices) };
    },
  };
}
