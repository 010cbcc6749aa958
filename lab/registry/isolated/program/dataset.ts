import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Dataset, type DatasetContext, HalftoneError } from '@halftone/sdk';
import { type PartOrder, packedBytes, type WireArray } from '../wire.ts';
import { send } from './pipe.ts';

/** What a data set is given: files of the plugin's own folder, and no more than the process may read anyway. */
function contextOf(folder: string): DatasetContext {
  return {
    async file(path) {
      if (!/^\.\/[^\\\0]+$/.test(path) || path.split('/').includes('..')) {
        throw new HalftoneError(
          'bad-argument',
          `'${path}' is no path within the plugin's folder that begins ./`,
        );
      }
      return new Uint8Array(readFileSync(fileURLToPath(new URL(encodeURI(path), folder))));
    },
    // A reading that is cancelled ends with its process.
    signal: new AbortController().signal,
  };
}

/** Sends the labels of a part of a data set, or images of it. What they are is the host's to check. */
export async function servePart(
  dataset: Dataset,
  folder: string,
  { type, part }: PartOrder,
  [indices]: readonly WireArray[],
): Promise<void> {
  const context = contextOf(folder);
  if (type === 'set-labels') {
    send({ type: 'done' }, [Int32Array.from(await dataset[part].labels(context))]);
    return;
  }
  const levels = await dataset[part].read(indices as Int32Array, context);
  if (!(levels instanceof Uint8Array)) throw new Error('its images are no Uint8Array');
  send({ type: 'done', value: levels.length }, [packedBytes(levels)]);
}
