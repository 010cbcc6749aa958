import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import type { DataSet } from '../lab/data/sets/types.ts';
import { type Recipe, readRecipe } from '../lab/training/recipe.ts';
import { Peer, type TorchVersions } from './peer.ts';
import { circumstances, line, warnWhenBusy, writeSection } from './results.ts';
import { median } from './statistics.ts';
import { benchData, openTraining } from './training-ours.ts';

/**
 * `node bench/training.ts [--recipes mnist-a,signs-residual] [--batches 64,128] [--rounds 7] [--steps 8]
 * [--threads 2] [--no-write]`
 *
 * Steps of trainings by recipes of `models/recipes`, ours and PyTorch's in turn on this machine: each round takes
 * `steps` steps on either side, and the medians of the rounds give what an epoch takes. Prints a table and writes it
 * to `RESULTS.md` unless told not to.
 */

const RECIPES = join(import.meta.dirname, '../models/recipes');
/** Steps that don't count: memory is first touched. */
const WARM_UP = 4;
/** A pause before each turn, so that neither side meets the other's threads still spinning. */
const PAUSE_MS = 40;

const whole = z.coerce.number().int().min(1).max(4096);
const named = z.string().transform((text) => text.split(','));
const options = z.object({
  recipes: named.prefault('mnist-a,signs-residual'),
  batches: named.transform((texts) => z.array(whole).parse(texts)).prefault('64,128'),
  rounds: whole.default(7),
  steps: whole.default(8),
  threads: whole.default(2),
  'no-write': z.boolean().default(false),
});
type Options = z.infer<typeof options>;

function parseOptions(): Options {
  const value = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      recipes: value,
      batches: value,
      rounds: value,
      steps: value,
      threads: value,
      'no-write': { type: 'boolean' },
    },
  });
  const parsed = options.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new HalftoneError('bad-argument', `--${issue?.path.join('.')}: ${issue?.message}`);
}

/** Milliseconds a step, and how many steps an epoch has. */
interface Measurement {
  readonly name: string;
  readonly batch: number;
  readonly images: number;
  readonly weights: number;
  readonly ours: number;
  readonly torch: number;
}

async function measure(
  recipe: Recipe,
  data: DataSet,
  peer: Peer,
  { rounds, steps, threads }: Options,
): Promise<Measurement> {
  const { batch, name } = recipe;
  const { height, width, channels, classes } = data;
  const images = data.splits.train.count;
  const input = { height, width, channels };
  const count = Math.max(1024, batch);
  const request = { do: 'open', recipe, input, classes: classes.length, threads, count };
  const { weights } = z.object({ weights: z.number() }).parse(await peer.ask(request));
  const theirs = async (wanted: number) => {
    const answer = await peer.ask({ do: 'train', steps: wanted, batch });
    return z.object({ milliseconds: z.number() }).parse(answer).milliseconds;
  };
  const training = await openTraining(recipe, data, threads);
  const sides = { ours: training.steps, torch: theirs };
  const times = { ours: [] as number[], torch: [] as number[] };
  try {
    for (let round = 0; round <= rounds; round++) {
      // Who goes first changes from round to round.
      for (const side of round % 2 === 0 ? (['ours', 'torch'] as const) : (['torch', 'ours'] as const)) {
        await sleep(PAUSE_MS);
        const taken = round === 0 ? WARM_UP : steps;
        const milliseconds = await sides[side](taken);
        if (round > 0) times[side].push(milliseconds / taken);
      }
    }
  } finally {
    await training.close();
  }
  return { name, batch, images, weights, ours: median(times.ours), torch: median(times.torch) };
}

const COLUMNS = [
  'recipe',
  'weights',
  'batch',
  'steps an epoch',
  'a step: ours, ms',
  'PyTorch, ms',
  'ratio',
  'an epoch: ours, s',
  'PyTorch, s',
];

function row({ name, batch, images, weights, ours, torch }: Measurement): string {
  const steps = Math.ceil(images / batch);
  const seconds = (milliseconds: number) => ((milliseconds * images) / batch / 1000).toFixed(0);
  return line([
    name,
    String(weights),
    String(batch),
    String(steps),
    ours.toFixed(1),
    torch.toFixed(1),
    (torch / ours).toFixed(2),
    seconds(ours),
    seconds(torch),
  ]);
}

function report(measurements: readonly Measurement[], settings: Options, versions: TorchVersions): string {
  const { rounds, steps, threads, recipes, batches } = settings;
  return [
    '# Training: ours and PyTorch',
    '',
    `${threads} threads, float32 on the CPU, ${rounds} alternated rounds of ${steps} steps, medians; a ratio above 1 ` +
      'means that ours is faster. An epoch is reckoned from its steps: none was run to the end. A step is everything ' +
      'from the shuffled batch to the new weights; ours includes augmentation where the recipe has some, the way to ' +
      "the worker and back, and progress. PyTorch's images lie in memory; so do ours, those of signs as noise.",
    '',
    circumstances(versions),
    '',
    line(COLUMNS),
    line(['---', ...COLUMNS.slice(1).map(() => '---:')]),
    ...measurements.map(row),
    '',
    `Again: \`node bench/training.ts --recipes ${recipes.join()} --batches ${batches.join()} --rounds ${rounds} --steps ${steps}\`.`,
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const settings = parseOptions();
  warnWhenBusy();
  const { peer, versions } = await Peer.start('torch_training.py', settings.threads);
  try {
    const measurements: Measurement[] = [];
    for (const name of settings.recipes) {
      const recipe = await readRecipe(join(RECIPES, `${name}.yaml`));
      const data = await benchData(recipe);
      for (const batch of settings.batches) {
        measurements.push(await measure({ ...recipe, batch }, data, peer, settings));
        console.log(row(measurements.at(-1)!));
      }
    }
    const text = report(measurements, settings, versions);
    console.log(`\n${text}`);
    if (!settings['no-write']) await writeSection(text);
  } finally {
    peer.close();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof HalftoneError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
