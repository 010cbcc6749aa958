import { checkDescribed, type Defined, type Described, defined, refusal } from './plugin.ts';

/** What an author states about a model: data alone, so that the lab can open it without running the plugin. */
export interface ModelDefinition extends Described {
  /** The ONNX file, from the plugin's folder, beginning `./`; its card lies beside it, as <file's name>.json. */
  readonly file: string;
  /** Where it comes from: paper, address. */
  readonly source: string;
  readonly licence: string;
}

/** A defined model, as a plugin's default export. */
export interface Model extends ModelDefinition, Defined<'model'> {}

/** Defines a model; the result is a plugin's default export. Throws `bad-plugin` saying what is wrong with it. */
export function defineModel(definition: ModelDefinition): Model {
  const fail = refusal('model', definition.name);
  checkDescribed(definition, fail);
  const { file } = definition;
  if (!/^\.\/[\w./-]+\.onnx$/.test(file) || file.split('/').includes('..')) {
    fail(`file '${file}' is no path within its folder that begins ./ and ends .onnx`);
  }
  return defined('model', definition);
}
