import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HalftoneError } from '@halftone/sdk';
import { fileError } from '../../data/schema.ts';
import { createRun, type Run } from '../../runs/folder.ts';
import type { ModelRecord, RunRecord } from '../../runs/record.ts';
import type { RecipeFile } from '../recipe/read.ts';
import { targetIndex, variantsOf } from '../recipe/variants.ts';
import { channelOf } from './examples.ts';
import { openImages } from './images.ts';
import type { Materials } from './materials.ts';
import { checkLayout } from './sheets.ts';
import { setupOf, simulationsOf } from './simulate.ts';

/** What a run's record needs to know beside its recipe. */
export interface Prepared extends RecipeFile {
  /** The folder that runs are made in. */
  readonly root: string;
  readonly halftone: string;
  /** The run may never be printed, or be laid out otherwise before it is: room on paper is checked then. */
  readonly layoutLater?: boolean;
}

/**
 * Makes a run of a recipe after checking everything in it that can be checked before any work: models, their sizes
 * and classes, images, attacks, parameters, targets, presets, room on paper. Throws for the first that doesn't fit, and leaves
 * nothing behind.
 */
export async function prepareRun(prepared: Prepared, materials: Materials): Promise<Run> {
  const { recipe, folder, root, halftone, layoutLater = false } = prepared;
  const attacks = await loadAttacks(recipe.attacks, materials);
  const variants = variantsOf(recipe, attacks);
  for (const variant of variants) await channelOf(variant, materials);
  simulationsOf(recipe).forEach(setupOf);
  const first = await materials.useModel(recipe.model, async (classifier) => {
    const surroundings = { recipeFolder: folder, openSet: materials.openSet };
    const { classes, source } = await openImages(recipe.data, classifier, surroundings);
    const { height, width, channels } = classifier.input;
    if (channels !== 1 && channels !== 3) {
      throw new HalftoneError('bad-argument', `${recipe.model} takes ${channels} channels; paper has 3 or 1`);
    }
    if (!layoutLater) checkLayout(recipe, variants, source.count, classifier.input);
    const names = classes.map(({ name }) => name);
    for (const { target } of variants) if (target !== undefined) targetIndex(target, names);
    return { provider: classifier.provider, classes: names, input: { height, width, channels } } as const;
  });
  const models = [await modelRecord(recipe.model, first.provider, materials)];
  for (const name of recipe.others) {
    models.push(await otherModel(name, first.classes.length, first.input.channels, materials));
  }
  const record: RunRecord = {
    version: 1,
    id: idOf([recipe, variants, models.map(({ sha256 }) => sha256), halftone]),
    title: recipe.name,
    created: new Date().toISOString(),
    halftone,
    platform: `${process.platform} ${process.arch}, Node ${process.versions.node}`,
    recipe,
    recipeFolder: folder,
    models,
    classes: first.classes,
    input: first.input,
    variants,
  };
  return createRun(root, record);
}

async function loadAttacks(entries: readonly { attack: string }[], materials: Materials) {
  const names = [...new Set(entries.map(({ attack }) => attack))];
  const loaded = await Promise.all(
    names.map(async (name) => [name, await materials.loadAttack(name)] as const),
  );
  return new Map(loaded);
}

function otherModel(
  name: string,
  classes: number,
  channels: number,
  materials: Materials,
): Promise<ModelRecord> {
  return materials.useModel(name, async (classifier) => {
    if (classifier.classes === classes && classifier.input.channels === channels) {
      return modelRecord(name, classifier.provider, materials);
    }
    const own = `${classifier.classes} classes and ${classifier.input.channels} channels`;
    const text = `${name} has ${own}, the model of the examples ${classes} and ${channels}: it can't judge them`;
    throw new HalftoneError('bad-argument', text);
  });
}

async function modelRecord(name: string, provider: string, materials: Materials): Promise<ModelRecord> {
  const path = await materials.modelPath(name);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  return { name, path, sha256: createHash('sha256').update(bytes).digest('hex'), provider };
}

/**
 * Names the run on paper: by everything that decides its images, so that a repeated run gives the same sheets to the
 * last mark, and another one gives others.
 */
function idOf(decides: unknown): string {
  const letters = '23456789abcdefghjkmnpqrstuvwxyz';
  const hash = createHash('sha256').update(JSON.stringify(decides)).digest();
  return Array.from(hash.subarray(0, 8), (byte) => letters[byte % letters.length]).join('');
}
