import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HalftoneError } from '@halftone/sdk/errors';
import type { BuiltNetwork, Weights } from './build.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { parseRecipe, type Recipe } from './recipe.ts';
import { TrainingState } from './state.ts';

/** A training's folder: `recipe.json`, the checkpoints, in the end the model and its card. */

/** After the last epoch or within one. */
export const LAST = 'last.checkpoint';

/** After the epoch of the best validation accuracy. */
export const BEST = 'best.checkpoint';

/**
 * The checkpoint to go on from; undefined for a training that begins.
 *
 * @throws HalftoneError `bad-argument` when a training that begins would overwrite another, or the checkpoint
 *   follows another recipe, `not-found` when there is none to go on from
 */
export async function resumable(
  folder: string,
  recipe: Recipe,
  resume: boolean,
): Promise<Checkpoint | undefined> {
  const path = join(folder, LAST);
  const there = await exists(path);
  if (!resume) {
    if (!there) return undefined;
    throw new HalftoneError(
      'bad-argument',
      `${folder} holds a training already; resume it, or choose another folder`,
    );
  }
  if (!there) throw new HalftoneError('not-found', `there is no training to resume in ${folder}`);
  const checkpoint = await readCheckpoint(path);
  const before = parseRecipe(checkpoint.recipe, path);
  const fields = new Set([...Object.keys(before), ...Object.keys(recipe)]) as Set<keyof Recipe>;
  const changed = [...fields].filter((field) => !isDeepStrictEqual(before[field], recipe[field]));
  if (changed.length === 0) return checkpoint;
  const text = `the training in ${folder} follows another recipe, with another ${changed.join(', ')}`;
  throw new HalftoneError('bad-argument', text);
}

/** The weights that a training is remembered by, and the epoch after which they were saved. */
export async function readBest(
  folder: string,
  recipe: Recipe,
  network: BuiltNetwork,
  state: TrainingState,
): Promise<{ weights: Weights; epoch: number }> {
  if (recipe.validation === undefined) return { weights: state.weights, epoch: recipe.epochs };
  const checkpoint = await readCheckpoint(join(folder, BEST));
  const best = new TrainingState(recipe, network, checkpoint);
  return { weights: best.weights, epoch: checkpoint.progress.history.length };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
