import type { DataShape, ModelSummary } from '../../lab/api.ts';

/** Whether models go with a data set, told from their cards; what no card says is left to the lab. */

function channelsOf({ channels }: ModelSummary): number | undefined {
  if (channels === undefined) return undefined;
  return channels === 'grey' ? 1 : 3;
}

/** Why examples can't be made on a model from these images; undefined where they can, as far as one can tell. */
export function sourceMisfit(model: ModelSummary, shape: DataShape | undefined): string | undefined {
  const { width, height } = model;
  const other = targetMisfit(model, shape);
  if (other !== undefined || shape === undefined) return other;
  if (width === undefined || height === undefined) return undefined;
  if (width === shape.width && height === shape.height) return undefined;
  return `takes ${width}×${height}, the images are ${shape.width}×${shape.height}`;
}

/** Why the examples can't be shown to a model. Sizes may differ: files are brought to the model's. */
export function targetMisfit(model: ModelSummary, shape: DataShape | undefined): string | undefined {
  if (model.problem !== undefined) return model.problem;
  if (shape === undefined) return undefined;
  if (model.classes !== undefined && model.classes !== shape.classes) {
    return `${model.classes} classes, the data has ${shape.classes}`;
  }
  const channels = channelsOf(model);
  if (channels === undefined || channels === shape.channels) return undefined;
  return channels === 1 ? 'takes grey images' : 'takes images in colour';
}

/** What a model is called in a request: its name where no other has it, else its id. */
export function modelWord(model: ModelSummary, models: readonly ModelSummary[]): string {
  const word = model.file.replace(/\.onnx$/i, '') || model.name;
  const same = models.filter(({ file, name }) => name === word || file.replace(/\.onnx$/i, '') === word);
  return same.length === 1 ? word : model.id;
}
