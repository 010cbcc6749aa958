import { join } from 'node:path';
import {
  type Attack,
  HalftoneError,
  roundToLevels,
  targeted,
  throwIfCancelled,
  untargeted,
} from '@halftone/sdk';
import { z } from 'zod';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import { writePng } from '../../data/images.ts';
import { parseWith, readJson } from '../../data/schema.ts';
import type { ImageSource } from '../../data/source.ts';
import { defaultBatch, runAttack } from '../../registry/attack-host.ts';
import { type Stage, stageOf } from '../../registry/stages.ts';
import { imagePath, json, places, type Run } from '../../runs/folder.ts';
import type { VariantRecord } from '../../runs/record.ts';
import type { Classifier } from '../../runtime/classifier-types.ts';
import { targetIndex } from '../recipe/variants.ts';
import { openImages } from './images.ts';
import type { Materials, StageOptions } from './materials.ts';

/** The source images of a run: `images/clean.json`. */
export const sourcesSchema = z.strictObject({
  /** Image i is source i. */
  images: z.array(z.strictObject({ name: z.string(), label: z.int().min(0) })),
});

/** What became of one attack: `images/<variant>.json`. */
export const examplesSchema = z.strictObject({
  /** Images done, from the first on. */
  done: z.int().min(0),
  spent: z.strictObject({ queries: z.int(), gradients: z.int(), zeroGradients: z.int() }),
  /** Images on which the attack broke its own bound; they were put back within it. */
  broken: z.int().min(0),
  seconds: z.number(),
});

export type Sources = z.infer<typeof sourcesSchema>;
export type ExamplesRecord = z.infer<typeof examplesSchema>;

/**
 * Makes the images of a run: the clean ones, and every attack's, as eight-bit PNGs. What is there already is kept;
 * an attack goes on after its last finished batch, to the same images as one that was never interrupted.
 * Throws as the data, the models and the attacks do, `cancelled`.
 */
export async function makeExamples(
  run: Run,
  materials: Materials,
  options: StageOptions = {},
): Promise<void> {
  const { recipe, recipeFolder, variants } = run.record;
  const attacks = await Promise.all(variants.map(({ attack }) => materials.loadAttack(attack)));
  await materials.useModel(recipe.model, async (classifier) => {
    const { openSet } = materials;
    const { source } = await openImages(recipe.data, classifier, { recipeFolder, openSet });
    await writeClean(run, source, options);
    for (const [i, variant] of variants.entries()) {
      const channel = await channelOf(variant, materials);
      await attackAll({ run, source, classifier, variant, attack: attacks[i]!, channel, options });
    }
  });
}

async function writeClean(run: Run, source: ImageSource, options: StageOptions): Promise<void> {
  if ((await readSources(run)) !== undefined) return;
  await makeFolder(join(run.folder, places.images, 'clean'));
  const batch = 16;
  for (let start = 0; start < source.count; start += batch) {
    throwIfCancelled(options.signal);
    const end = Math.min(start + batch, source.count);
    const images = await source.read(start, end, options.signal);
    for (let i = start; i < end; i++) {
      await writePng(join(run.folder, imagePath('clean', i)), images, i - start);
    }
    options.onProgress?.({ stage: 'examples', what: 'clean images', done: end, total: source.count });
  }
  const images = source.names.map((name, i) => ({ name, label: source.labels[i]! }));
  await writeAtomic(sourcesPath(run), json({ images } satisfies Sources));
}

/** The channel that an attack is given. Throws `not-found`, `bad-plugin`, `bad-argument`. */
export async function channelOf(
  { channel }: Pick<VariantRecord, 'channel'>,
  materials: Materials,
): Promise<Stage | undefined> {
  return channel === undefined ? undefined : stageOf(await materials.loadChannel(channel.name), channel.set);
}

interface Task {
  readonly run: Run;
  readonly source: ImageSource;
  readonly classifier: Classifier;
  readonly variant: VariantRecord;
  readonly attack: Attack;
  readonly channel: Stage | undefined;
  readonly options: StageOptions;
}

async function attackAll(task: Task): Promise<void> {
  const { run, source, classifier, variant, attack, options } = task;
  await makeFolder(join(run.folder, places.images, variant.key));
  let record = await readExamples(run, variant.key);
  // An attack on the whole set can't be cut into batches.
  const batch = attack.scope === 'set' ? source.count : defaultBatch(classifier.input);
  while (record.done < source.count) {
    throwIfCancelled(options.signal);
    record = await attackSome(task, record, Math.min(record.done + batch, source.count));
    await writeAtomic(examplesPath(run, variant.key), json(record));
  }
}

async function attackSome(task: Task, before: ExamplesRecord, end: number): Promise<ExamplesRecord> {
  const { run, source, classifier, variant, attack, channel, options } = task;
  const started = performance.now();
  const start = before.done;
  const read = await source.read(start, end, options.signal);
  // What is attacked is what was written: the clean file.
  const images = { ...read, data: roundToLevels(read.data) };
  const labels = source.labels.subarray(start, end);
  const { rounded, spent, violations } = await runAttack({
    attack,
    classifier,
    images,
    criterion:
      variant.target === undefined
        ? untargeted(labels)
        : targeted(labels.map(() => targetIndex(variant.target!, run.record.classes))),
    parameters: variant.parameters,
    seed: run.record.recipe.seed,
    batch: images.count,
    first: start,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(channel === undefined ? {} : { channel }),
    onProgress: (done) =>
      options.onProgress?.({
        stage: 'examples',
        what: variant.title,
        done: start + done,
        total: source.count,
      }),
  });
  for (let i = start; i < end; i++) {
    await writePng(join(run.folder, imagePath(variant.key, i)), rounded, i - start);
  }
  return {
    done: end,
    spent: {
      queries: before.spent.queries + spent.queries,
      gradients: before.spent.gradients + spent.gradients,
      zeroGradients: before.spent.zeroGradients + spent.zeroGradients,
    },
    broken: before.broken + new Set(violations.map(({ image }) => image)).size,
    seconds: before.seconds + (performance.now() - started) / 1000,
  };
}

function sourcesPath({ folder }: Run): string {
  return join(folder, places.images, 'clean.json');
}

function examplesPath({ folder }: Run, variant: string): string {
  return join(folder, places.images, `${variant}.json`);
}

/** The source images of a run; undefined where they aren't all written. Throws `bad-file`. */
export async function readSources(run: Run): Promise<Sources | undefined> {
  return readIfThere(sourcesPath(run), sourcesSchema);
}

/** How far an attack of a run is. Throws `bad-file`. */
export async function readExamples(run: Run, variant: string): Promise<ExamplesRecord> {
  const none = { done: 0, spent: { queries: 0, gradients: 0, zeroGradients: 0 }, broken: 0, seconds: 0 };
  return (await readIfThere(examplesPath(run, variant), examplesSchema)) ?? none;
}

/** Keys of the attacks whose images are all made; none while the clean images aren't there. Throws `bad-file`. */
export async function madeVariants(run: Run): Promise<string[]> {
  const sources = await readSources(run);
  const { variants } = run.record;
  const examples = await Promise.all(variants.map(({ key }) => readExamples(run, key)));
  return variants.flatMap(({ key }, i) => (examples[i]!.done === sources?.images.length ? [key] : []));
}

/** A checked JSON file; undefined where there is none. Throws `bad-file`. */
export async function readIfThere<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return parseWith(schema, await readJson(path), path);
  } catch (error) {
    if (error instanceof HalftoneError && error.code === 'not-found') return undefined;
    throw error;
  }
}
