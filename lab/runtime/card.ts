import { access } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { z } from 'zod';
import { type ClassEntry, loadClasses, parseClasses } from '../data/classes.ts';
import { parseWith, readJson } from '../data/schema.ts';
import { cardSchema, channelCount, type trainingSchema } from './card-schema.ts';

/**
 * What a model file doesn't say about itself: how its input is laid out and scaled, what its classes are.
 * A card lies beside the model as `<model>.onnx.json`, `<model>.json` or `<model>.card.json`.
 */
export interface ModelCard {
  readonly name: string;
  readonly input: CardInput;
  /** The classes in the order of the logits; absent where nobody said. */
  readonly classes?: readonly ClassEntry[];
  /** What the model's output is: `probabilities` are turned back into logits by their logarithm. */
  readonly output: 'logits' | 'probabilities';
  /** Where the model comes from: paper, address. */
  readonly source?: string;
  readonly licence?: string;
  /** How it was trained; absent for models from elsewhere. */
  readonly training?: TrainingRecord;
}

/** What a training wrote about the model that came of it. */
export type TrainingRecord = z.infer<typeof trainingSchema>;

/**
 * The model's own input. From RGB in [0, 1] it is made so: channels are put in order (`grey` is one channel),
 * values are brought to `range`, then (value − mean) / std is taken per channel.
 */
export interface CardInput {
  readonly layout: 'nchw' | 'nhwc';
  /** Pixels; absent where the graph states them. */
  readonly height?: number;
  readonly width?: number;
  readonly channels: 'rgb' | 'bgr' | 'grey';
  /** What black and white are to the model, before mean and std; [0, 1] by default. */
  readonly range: readonly [number, number];
  /** Per channel, in the units of `range` and in the model's channel order; zeros by default. */
  readonly mean: readonly number[];
  /** Per channel, as `mean`; ones by default. */
  readonly std: readonly number[];
}

/**
 * A card from parsed JSON. `folder` is where a class list named by file is looked for, `what` names the card in
 * errors, `fallbackName` the model where the card doesn't. Throws `bad-file`, naming the field.
 */
export async function parseCard(
  value: unknown,
  { folder, what, fallbackName }: { folder: string; what: string; fallbackName: string },
): Promise<ModelCard> {
  const card = parseWith(cardSchema, value, what);
  const { mean, std, height, width, ...input } = card.input;
  const count = channelCount(input.channels);
  return {
    name: card.name ?? fallbackName,
    input: {
      ...input,
      mean: mean ?? Array<number>(count).fill(0),
      std: std ?? Array<number>(count).fill(1),
      ...(height === undefined ? {} : { height }),
      ...(width === undefined ? {} : { width }),
    },
    output: card.output,
    ...(card.classes === undefined ? {} : { classes: await cardClasses(card.classes, folder, what) }),
    ...(card.source === undefined ? {} : { source: card.source }),
    ...(card.licence === undefined ? {} : { licence: card.licence }),
    ...(card.training === undefined ? {} : { training: card.training }),
  };
}

async function cardClasses(value: unknown, folder: string, what: string): Promise<ClassEntry[]> {
  if (typeof value !== 'string') return parseClasses(value, `${what}: classes`);
  // A card travels with its model: a list elsewhere would be missing on the next machine.
  if (isAbsolute(value) || value.split(/[\\/]/).includes('..')) {
    throw new HalftoneError('bad-file', `${what}: classes: '${value}' must lie beside the card`);
  }
  return loadClasses(join(folder, value));
}

/** The card's path beside a model file, or undefined where there is none. */
export async function findCard(modelPath: string): Promise<string | undefined> {
  const stem = modelPath.replace(/\.onnx$/i, '');
  const candidates = [`${modelPath}.json`, `${stem}.json`, `${stem}.card.json`];
  for (const path of candidates) {
    if (path !== modelPath && (await exists(path))) return path;
  }
  return undefined;
}

/**
 * The card beside a model file, or undefined where there is none.
 * Throws `bad-file` for a card that can't be read, naming the field.
 */
export async function loadCard(modelPath: string): Promise<ModelCard | undefined> {
  const path = await findCard(modelPath);
  if (path === undefined) return undefined;
  const fallbackName = basename(modelPath).replace(/\.onnx$/i, '');
  return parseCard(await readJson(path), { folder: dirname(path), what: path, fallbackName });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
