import { resolve } from 'node:path';
import { HalftoneError, seeded } from '@halftone/sdk';
import { type ClassEntry, loadClasses } from '../../data/classes.ts';
import { labelledFiles } from '../../data/folder.ts';
import { fittingSet } from '../../data/sets/fitting.ts';
import { choose, type DataSet, shuffled } from '../../data/sets/index.ts';
import { fileSource, type ImageSource } from '../../data/source.ts';
import type { Classifier } from '../../runtime/classifier-types.ts';
import type { ExperimentRecipe } from '../recipe/schema.ts';

/** Images that a recipe names, at the size that a model takes. */
export interface RecipeImages {
  readonly source: ImageSource;
  /** Names of the classes, in the order of the logits. */
  readonly classes: readonly ClassEntry[];
}

/** Where a recipe's names lead. */
export interface Surroundings {
  /** The folder that its paths are relative to. */
  readonly recipeFolder: string;
  /** Opens a data set by name. Throws `not-found`, `bad-plugin`. */
  openSet(name: string): Promise<DataSet>;
}

/**
 * Opens the images of a recipe for a model. Throws `not-found`, `bad-labels`, `bad-argument` where the data set
 * doesn't fit the model or there are fewer images than asked for.
 */
export function openImages(
  data: ExperimentRecipe['data'],
  classifier: Classifier,
  surroundings: Surroundings,
): Promise<RecipeImages> {
  return 'set' in data ? ofSet(data, classifier, surroundings) : ofFolder(data, classifier, surroundings);
}

async function ofSet(
  { set: name, split, count, shuffle }: Extract<ExperimentRecipe['data'], { set: string }>,
  classifier: Classifier,
  { openSet }: Surroundings,
): Promise<RecipeImages> {
  const set = fittingSet(await openSet(name), classifier);
  const choice = shuffle === undefined ? { split, count } : { split, count, shuffleSeed: shuffle };
  return { source: choose(set, choice), classes: set.classes };
}

async function ofFolder(
  { folder, classes: file, count, shuffle }: Extract<ExperimentRecipe['data'], { folder: string }>,
  classifier: Classifier,
  { recipeFolder }: Surroundings,
): Promise<RecipeImages> {
  const classes =
    file === undefined ? classifier.card.classes : await loadClasses(resolve(recipeFolder, file));
  if (classes === undefined) {
    const text = 'the model has no card that names its classes; give `classes: FILE` beside the folder';
    throw new HalftoneError('bad-argument', text);
  }
  checkCount(classes, classifier.classes);
  const files = await labelledFiles(resolve(recipeFolder, folder), classes);
  if (count !== undefined && count > files.length) {
    throw new HalftoneError('bad-argument', `${count} images asked for; ${folder} has ${files.length}`);
  }
  const order =
    shuffle === undefined
      ? Array.from(files.keys())
      : [...shuffled(files.length, seeded(shuffle).derive('choice'))];
  const chosen = order.slice(0, count ?? files.length).map((i) => files[i]!);
  return { source: fileSource(chosen, classifier.input), classes };
}

function checkCount(names: readonly ClassEntry[], classes: number): void {
  if (names.length === classes) return;
  throw new HalftoneError(
    'bad-argument',
    `there are names of ${names.length} classes, the model has ${classes}`,
  );
}
