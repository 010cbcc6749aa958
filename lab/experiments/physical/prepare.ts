import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Attack, HalftoneError, type TransformDefense } from '@halftone/sdk';
import { fileError } from '../../data/schema.ts';
import { checkKind, checkNeeds } from '../../registry/attack-host.ts';
import { createRun, type Run } from '../../runs/folder.ts';
import type { ModelRecord, RunRecord } from '../../runs/record.ts';
import type { Classifier } from '../../runtime/classifier-types.ts';
import { type Chain, chainsOf, stepPlace } from '../recipe/chains.ts';
import { inPlace } from '../recipe/places.ts';
import type { RecipeFile } from '../recipe/read.ts';
import type { ExperimentRecipe } from '../recipe/schema.ts';
import { targetIndex, type Variant, variantsOf } from '../recipe/variants.ts';
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
 * and classes, images, attacks, defences, parameters, targets, presets, room on paper. Throws for the first that
 * doesn't fit, with its place in the recipe, and leaves nothing behind.
 */
export async function prepareRun(prepared: Prepared, materials: Materials): Promise<Run> {
  const { recipe, folder, root, halftone } = prepared;
  const variants = await checkAttacks(recipe, materials);
  const chains = await checkDefenses(recipe, materials);
  for (const [i, entry] of recipe.captures.entries()) {
    await inPlace(['captures', i], () => simulationsOf({ captures: [entry] }).map(setupOf));
  }
  const first = await checkModel(prepared, variants, materials);
  const models = [await inPlace(['model'], () => modelRecord(recipe.model, first.provider, materials))];
  for (const [i, name] of recipe.others.entries()) {
    const { classes, input } = first;
    const other = () => otherModel(name, classes.length, input.channels, materials);
    models.push(await inPlace(['others', i], other));
  }
  const { defenses: _, ...decides } = recipe;
  const record: RunRecord = {
    version: 1,
    // Defences look at images that are the same with and without them, on the same sheets.
    id: idOf([decides, variants, models.map(({ sha256 }) => sha256), halftone]),
    title: recipe.name,
    created: new Date().toISOString(),
    halftone,
    platform: `${process.platform} ${process.arch}, Node ${process.versions.node}`,
    recipe,
    recipeFolder: folder,
    models,
    classes: first.classes,
    input: first.input,
    variants: await marked('attack', variants, materials),
    defenses: await Promise.all(
      chains.map(async ({ title, steps }) => ({ title, steps: await marked('defense', steps, materials) })),
    ),
  };
  return createRun(root, record);
}

/** The rows of the attacks, each of which can be begun. */
async function checkAttacks(recipe: ExperimentRecipe, materials: Materials): Promise<Variant[]> {
  const attacks = new Map<string, Attack>();
  for (const [i, entry] of recipe.attacks.entries()) {
    const attack = await inPlace(['attacks', i, 'attack'], () => materials.loadAttack(entry.attack));
    attacks.set(entry.attack, attack);
    await inPlace(['attacks', i, 'channel'], async () =>
      checkNeeds(attack, await channelOf(entry, materials)),
    );
    const kind = entry.target === undefined ? 'untargeted' : 'targeted';
    await inPlace(['attacks', i, 'target'], () => checkKind(attack, kind));
  }
  return variantsOf(recipe, attacks);
}

async function checkDefenses(recipe: ExperimentRecipe, materials: Materials): Promise<Chain[]> {
  const defenses = new Map<string, TransformDefense>();
  for (const [i, chain] of recipe.defenses.entries()) {
    for (const [step, { defense }] of chain.entries()) {
      const place = [...stepPlace(chain, i, step), 'defense'];
      defenses.set(defense, await inPlace(place, () => materials.loadDefense(defense)));
    }
  }
  return chainsOf(recipe, defenses);
}

/** What the model of the examples takes, once the images, the targets and the sheets are found to go with it. */
function checkModel(
  { recipe, folder, layoutLater = false }: Prepared,
  variants: readonly Variant[],
  materials: Materials,
) {
  const work = async (classifier: Classifier) => {
    const surroundings = { recipeFolder: folder, openSet: materials.openSet };
    const { classes, source } = await inPlace(['data'], () =>
      openImages(recipe.data, classifier, surroundings),
    );
    const { height, width, channels } = classifier.input;
    if (channels !== 1 && channels !== 3) {
      const text = `${recipe.model} takes ${channels} channels; paper has 3 or 1`;
      throw new HalftoneError('bad-argument', text, { place: ['model'] });
    }
    if (!layoutLater) checkLayout(recipe, variants, source.count, classifier.input);
    const names = classes.map(({ name }) => name);
    for (const [i, { target }] of recipe.attacks.entries()) {
      if (target !== undefined) await inPlace(['attacks', i, 'target'], () => targetIndex(target, names));
    }
    return { provider: classifier.provider, classes: names, input: { height, width, channels } } as const;
  };
  return materials.useModel(recipe.model, work);
}

/** Rows of a record, each with the version and the checksum of its plugin. */
function marked<T extends { readonly attack: string } | { readonly defense: string }>(
  kind: 'attack' | 'defense',
  rows: readonly T[],
  materials: Materials,
) {
  const nameOf = (row: T) => ('attack' in row ? row.attack : row.defense);
  return Promise.all(
    rows.map(async (row) => ({ ...row, ...(await materials.pluginMark(kind, nameOf(row))) })),
  );
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
