import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { type ClassEntry, classFinder } from './classes.ts';
import { fileError } from './schema.ts';

/** An image file and the class that its place or name gives it. */
export interface LabelledFile {
  readonly path: string;
  /** Its path within the folder, with `/` between. */
  readonly name: string;
  /** Class index. */
  readonly label: number;
}

const extensions = new Set(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp']);

/**
 * The images of a folder with their labels, sorted by path. A file in a sub-folder has the class that the
 * sub-folder names (by id, name or index); a file in the folder itself the class that its name begins with,
 * before an underscore (`n01484850_great_white_shark.JPEG`).
 * Throws `not-found`, `bad-file`, or `bad-labels` with the files that no class fits.
 */
export async function labelledFiles(folder: string, classes: readonly ClassEntry[]): Promise<LabelledFile[]> {
  const find = classFinder(classes);
  const labelled: LabelledFile[] = [];
  const strange: string[] = [];
  for (const { path, word, inFolder } of await imageFiles(folder)) {
    const label = inFolder ? find(word) : labelOfName(word, find);
    if (label === undefined) strange.push(path);
    else labelled.push({ path, label, name: within(folder, path) });
  }
  if (strange.length > 0) throw notLabelled(folder, strange);
  if (labelled.length === 0) {
    throw new HalftoneError(
      'not-found',
      `${folder}: no images (${[...extensions].join(' ')}) in it or its sub-folders`,
    );
  }
  return labelled;
}

interface FoundImage {
  readonly path: string;
  /** What should name the class: the sub-folder, or the file's name without its ending. */
  readonly word: string;
  readonly inFolder: boolean;
}

async function imageFiles(folder: string): Promise<FoundImage[]> {
  const found: FoundImage[] = [];
  for (const item of await list(folder)) {
    const path = join(folder, item.name);
    if (item.isDirectory()) {
      for (const inner of (await list(path)).filter(isImage)) {
        found.push({ path: join(path, inner.name), word: item.name, inFolder: true });
      }
    } else if (isImage(item)) {
      found.push({ path, word: basename(item.name, extname(item.name)), inFolder: false });
    }
  }
  return found;
}

/** Sorted by code points, so that every machine takes the files in one order. */
async function list(folder: string): Promise<Dirent[]> {
  try {
    const items = await readdir(folder, { withFileTypes: true });
    return items.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw fileError(folder, cause);
  }
}

function isImage(item: Dirent): boolean {
  return !item.isDirectory() && extensions.has(extname(item.name).toLowerCase());
}

/** The longest beginning of a name, up to an underscore, that names a class; a number alone (`0007`) counts files. */
function labelOfName(word: string, find: (word: string) => number | undefined): number | undefined {
  if (/^\d+$/.test(word)) return undefined;
  const parts = word.split('_');
  for (let length = parts.length; length > 0; length--) {
    const label = find(parts.slice(0, length).join('_'));
    if (label !== undefined) return label;
  }
  return undefined;
}

function within(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}

function notLabelled(folder: string, files: readonly string[]): HalftoneError {
  const shown = files.slice(0, 5).map((path) => within(folder, path));
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : '';
  const text = `${folder}: no class fits ${shown.join(', ')}${more}; name files <class>_… or put them in folders named by class`;
  return new HalftoneError('bad-labels', text);
}
