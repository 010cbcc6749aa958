import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError, throwIfCancelled } from '@halftone/sdk';
import { z } from 'zod';
import { writeAtomic } from '../../data/atomic.ts';
import { makeFolder } from '../../data/folders.ts';
import { readImages } from '../../data/images.ts';
import { fileError } from '../../data/schema.ts';
import { defaultBatch } from '../../registry/attack-host.ts';
import { json, type Run } from '../../runs/folder.ts';
import type { Classifier } from '../../runtime/classifier-types.ts';
import { finiteLogits } from '../accuracy.ts';
import { type Verdict, verdictsOf } from '../verdict.ts';
import { readIfThere } from './examples.ts';
import type { Materials, StageOptions } from './materials.ts';
import { type Defend, openDefenses, type RunModel } from './run-models.ts';

/** An image of a run and its true class. */
export interface Asked {
  /** Relative to the run's folder, with `/`. */
  readonly file: string;
  readonly label: number;
}

const keptSchema = z.record(
  z.string(),
  z.strictObject({
    /** The file that was looked at: its time and size. */
    stamp: z.string(),
    label: z.int(),
    predicted: z.int(),
    confidence: z.number(),
    rank: z.int(),
  }),
);

type Kept = z.infer<typeof keptSchema>;

/**
 * What a model says of some images of a run, in their order; images are resized as files are where they aren't of the
 * model's size, and go through the defences that stand before it then. What was said of a file before is kept in
 * `verdicts/` and not asked again while the file is the same. The model is opened where there is anything to ask.
 * Throws as that does, `bad-image` naming the file, `not-finite`, `cancelled`.
 */
export async function askModel(
  run: Run,
  model: RunModel,
  materials: Pick<Materials, 'useModel' | 'loadDefense'>,
  asked: readonly Asked[],
  options: StageOptions = {},
): Promise<Verdict[]> {
  const path = join(run.folder, 'verdicts', `${fileName(model.name)}.json`);
  const kept = await readKept(path);
  const stamps = await Promise.all(asked.map(({ file }) => stampOf(join(run.folder, file))));
  const fresh = asked.flatMap((image, i) => {
    const known = kept[image.file];
    const same = known?.stamp === stamps[i] && known?.label === image.label;
    return same ? [] : [{ ...image, stamp: stamps[i]! }];
  });
  if (fresh.length > 0) {
    const defend = await openDefenses(run.record, model, materials);
    await makeFolder(join(run.folder, 'verdicts'));
    await materials.useModel(model.bare, async (classifier) => {
      const open = { run, classifier, defend, model };
      try {
        await classifyAll(open, fresh, options, ({ file, label, stamp }, verdict) => {
          kept[file] = { stamp, label, ...verdict };
        });
      } finally {
        // Of what was cancelled, too, nothing has to be asked again.
        await writeAtomic(path, json(kept));
      }
    });
  }
  return asked.map(({ file }) => {
    const { predicted, confidence, rank } = kept[file]!;
    return { predicted, confidence, rank };
  });
}

/** What was said before; nothing where that can't be read, for the model can be asked again. */
async function readKept(path: string): Promise<Kept> {
  try {
    return { ...(await readIfThere(path, keptSchema)) };
  } catch (error) {
    if (error instanceof HalftoneError) return {};
    throw error;
  }
}

/** A model that is open. */
interface OpenModel {
  readonly run: Run;
  readonly model: RunModel;
  readonly classifier: Classifier;
  readonly defend: Defend;
}

/** Defences compute on the lab's own thread: other answers have their turn after so many images. */
const defendedBatch = 8;

async function classifyAll<A extends Asked>(
  open: OpenModel,
  asked: readonly A[],
  options: StageOptions,
  keep: (image: A, verdict: Verdict) => void,
): Promise<void> {
  const { name, chain } = open.model;
  const most = defaultBatch(open.classifier.input);
  const batch = chain === undefined ? most : Math.min(most, defendedBatch);
  const total = asked.length;
  for (let start = 0; start < total; start += batch) {
    throwIfCancelled(options.signal);
    const some = asked.slice(start, start + batch);
    const verdicts = await classify(open, some, options);
    for (const [i, verdict] of verdicts.entries()) keep(some[i]!, verdict);
    options.onProgress?.({ stage: 'verdicts', what: name, done: start + some.length, total });
  }
}

async function classify(
  { run, classifier, defend }: OpenModel,
  asked: readonly Asked[],
  { signal }: StageOptions,
): Promise<Verdict[]> {
  const own = signal === undefined ? {} : { signal };
  const files = asked.map(({ file }) => file);
  const paths = files.map((file) => join(run.folder, file));
  const images = await readImages(paths, classifier.input, own);
  const logits = await finiteLogits(defend(classifier, files), images, own);
  return verdictsOf(
    logits,
    classifier.classes,
    Int32Array.from(asked, ({ label }) => label),
  );
}

/**
 * Takes what was said of a run's files as said of them as they lie here: files that were carried over from elsewhere
 * have other times. Those whose size is another one are asked about again. Throws `bad-file`.
 */
export async function adoptVerdicts({ folder }: Run): Promise<void> {
  const place = join(folder, 'verdicts');
  const names = await readdir(place).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.json') && !each.startsWith('.'))) {
    const kept = await readKept(join(place, name));
    for (const [file, verdict] of Object.entries(kept)) {
      const stamp = await stampOf(join(folder, file)).catch(() => undefined);
      if (stamp?.split(' ')[1] === verdict.stamp.split(' ')[1]) kept[file] = { ...verdict, stamp: stamp! };
    }
    await writeAtomic(join(place, name), json(kept));
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size } = await stat(path);
    return `${mtimeMs} ${size}`;
  } catch (cause) {
    throw fileError(path, cause);
  }
}

/** File systems take names of 255 bytes. */
const longestName = 160;

/** A model's name, which may be a path or tell of many defences, as a file's name. */
function fileName(model: string): string {
  const word = model.replaceAll(/[^a-z0-9._-]+/gi, '_');
  if (word.length <= longestName) return word;
  return `${word.slice(0, longestName)}-${createHash('sha256').update(model).digest('hex').slice(0, 12)}`;
}
