import { checkDescribed, type Defined, type Described, defined, refusal } from './plugin.ts';

/** What a data set is given when it is asked for images. */
export interface DatasetContext {
  /** Reads a file of the plugin's own folder; `path` begins `./`. */
  file(path: string): Promise<Uint8Array>;
  readonly signal: AbortSignal;
}

/** One part of a data set. */
export interface DatasetPart {
  readonly count: number;
  /** Class index of each image, `count` of them. */
  labels(context: DatasetContext): Promise<Int32Array>;
  /** These images one after the other, NHWC, levels of 0 to 255. */
  read(indices: Int32Array, context: DatasetContext): Promise<Uint8Array>;
}

/** What an author states about a data set. */
export interface DatasetDefinition extends Described {
  readonly source: string;
  readonly licence: string;
  /** Names, in the order of the class indices. */
  readonly classes: readonly string[];
  /** Size of an image: RGB, or one grey channel. */
  readonly input: { readonly height: number; readonly width: number; readonly channels: 1 | 3 };
  readonly train: DatasetPart;
  readonly test: DatasetPart;
}

/** A defined data set, as a plugin's default export. */
export interface Dataset extends DatasetDefinition, Defined<'dataset'> {}

/** Defines a data set; the result is a plugin's default export. Throws `bad-plugin` saying what is wrong with it. */
export function defineDataset(definition: DatasetDefinition): Dataset {
  const fail = refusal('dataset', definition.name);
  checkDescribed(definition, fail);
  if (definition.classes.length < 2) fail('has fewer than two classes');
  for (const extent of [definition.input.height, definition.input.width]) {
    if (!(Number.isInteger(extent) && extent > 0)) fail(`an image can't be ${extent} pixels wide or high`);
  }
  return defined('dataset', definition);
}
