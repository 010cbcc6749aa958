import {
  type Dataset,
  type DatasetContext,
  type DatasetPart,
  defineDataset,
  defineModel,
  HalftoneError,
  type Model,
} from '@halftone/sdk';
import { parseWith } from '../../data/schema.ts';
import { datasetDescription, modelDescription } from './messages.ts';
import type { IsolatedPlugin } from './plugin.ts';
import { pluginError } from './results.ts';
import { type PartOrder, unpackedBytes, type WireArray } from './wire.ts';

/** Bytes that a data set may hand over at once beyond those of the images that were asked for: padding. */
const PADDING = 4;

/** A model as its plugin describes it: data alone. Throws `bad-plugin` for a description that isn't one. */
export function describedModel(plugin: IsolatedPlugin, description: unknown): Model {
  const { name, title, summary, file, source, licence } = parseWith(
    modelDescription,
    description,
    `plugin '${plugin.name}'`,
    'bad-plugin',
  );
  return defineModel({ name, title, summary, file, source, licence });
}

/** A data set that stands for one in a plugin's process. Throws `bad-plugin` for a description that isn't one. */
export function isolatedDataset(plugin: IsolatedPlugin, description: unknown): Dataset {
  const { name, title, summary, source, licence, classes, input, train, test } = parseWith(
    datasetDescription,
    description,
    `plugin '${plugin.name}'`,
    'bad-plugin',
  );
  const size = input.height * input.width * input.channels;
  const part = (which: PartOrder['part'], { count }: { readonly count: number }): DatasetPart => ({
    count,
    labels: (context) => labelsOf(plugin, which, count, context),
    read: (indices, context) => imagesOf(plugin, which, indices, indices.length * size, context),
  });
  const parts = { train: part('train', train), test: part('test', test) };
  return defineDataset({ name, title, summary, source, licence, classes, input, ...parts });
}

async function labelsOf(
  plugin: IsolatedPlugin,
  part: PartOrder['part'],
  count: number,
  context: DatasetContext,
): Promise<Int32Array> {
  const { arrays } = await ask(plugin, { type: 'set-labels', part }, [], count * 4, context);
  const [labels] = arrays;
  if (labels instanceof Int32Array && labels.length === count) return labels;
  throw badAnswer(plugin, `gave ${labels?.length ?? 'no'} labels for ${count} images`);
}

async function imagesOf(
  plugin: IsolatedPlugin,
  part: PartOrder['part'],
  indices: Int32Array,
  bytes: number,
  context: DatasetContext,
): Promise<Uint8Array> {
  const order = { type: 'set-images', part } as const;
  const { arrays, outcome } = await ask(plugin, order, [indices], bytes + PADDING, context);
  const [levels] = arrays;
  if (levels instanceof Int32Array && outcome.value === bytes && levels.byteLength >= bytes) {
    return unpackedBytes(levels, bytes);
  }
  throw badAnswer(plugin, `gave ${String(outcome.value)} levels where its images have ${bytes}`);
}

async function ask(
  plugin: IsolatedPlugin,
  order: PartOrder,
  arrays: readonly WireArray[],
  mostBytes: number,
  { signal }: DatasetContext,
) {
  try {
    return await plugin.order(order, arrays, { mostBytes }, signal);
  } catch (error) {
    throw pluginError(error);
  }
}

function badAnswer({ name }: IsolatedPlugin, text: string): HalftoneError {
  return new HalftoneError('bad-plugin', `dataset '${name}' ${text}`);
}
