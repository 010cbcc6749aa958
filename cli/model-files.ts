import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultDataDir } from '../lab/host/data-dir.ts';
import type { Shelf } from '../lab/library.ts';
import { findModelFile } from '../lab/materials.ts';
import { openRegistry } from './registry.ts';

/** Where models lie that have names: those that ship, and those that were added to the lab. */
export function modelShelves(): readonly [shipped: Shelf, added: Shelf] {
  return [
    { folder: fileURLToPath(new URL('../models/', import.meta.url)), origin: 'shipped' },
    { folder: join(defaultDataDir(), 'models'), origin: 'added' },
  ];
}

/**
 * The file of a model: a path, or the name of one that ships, was added or comes with a plugin. A path to nothing is
 * returned as it is, for what opens it to say so. Throws `not-found` for an unknown name, `bad-plugin`.
 */
export async function modelFile(name: string): Promise<string> {
  const isPath = /[\\/]|\.onnx$/i.test(name) || (await exists(name));
  if (isPath) return name;
  return findModelFile(name, {
    base: process.cwd(),
    shelves: modelShelves(),
    registry: openRegistry(),
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
