import { parseArgs } from 'node:util';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import { CASES, type Case } from './cases.ts';
import { type Measurement, measure, type Settings } from './measure.ts';
import { inexact, report, row } from './report.ts';
import { warnWhenBusy, writeSection } from './results.ts';
import { exportMissing, Torch } from './torch.ts';

/**
 * `node bench/compare.ts [--batch 8] [--threads 2] [--rounds 7] [--check-batch 8] [--models a,b | --all] [--no-write]`
 *
 * Forward and input gradient of the mean cross-entropy, ours and PyTorch's alternated on this machine, medians.
 * Prints the table, and writes `RESULTS.md` unless told not to. Without `--models` those of the goal.
 */

const whole = z.coerce.number().int().min(1).max(1024);
const options = z.object({
  batch: whole.default(8),
  threads: whole.default(2),
  rounds: whole.default(7),
  'check-batch': whole.default(8),
  models: z.string().optional(),
  all: z.boolean().default(false),
  'no-write': z.boolean().default(false),
});

function parseOptions(): z.infer<typeof options> {
  const value = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: {
      batch: value,
      threads: value,
      rounds: value,
      'check-batch': value,
      models: value,
      all: flag,
      'no-write': flag,
    },
  });
  const parsed = options.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new HalftoneError('bad-argument', `--${issue?.path.join('.')}: ${issue?.message}`);
}

function chosenCases(models: string | undefined, all: boolean): Case[] {
  if (models === undefined) return CASES.filter((model) => all || model.goal);
  return models.split(',').map((name) => {
    const found = CASES.find((model) => model.name === name);
    if (found) return found;
    throw new HalftoneError(
      'bad-argument',
      `no model '${name}'; there are ${CASES.map((c) => c.name).join(', ')}`,
    );
  });
}

async function main(): Promise<void> {
  const { models, all, 'no-write': dry, 'check-batch': checkBatch, ...rest } = parseOptions();
  const settings: Settings = { ...rest, checkBatch };
  const cases = chosenCases(models, all);
  warnWhenBusy();
  const { torch, versions } = await Torch.start(settings.threads);
  try {
    await exportMissing(cases.map((model) => model.name));
    const measurements: Measurement[] = [];
    for (const model of cases) {
      measurements.push(await measure(model, torch, settings));
      console.log(row(measurements.at(-1)!));
    }
    const text = report(measurements, settings, versions);
    console.log(`\n${text}`);
    if (inexact(measurements).length > 0) process.exitCode = 1;
    if (!dry) await writeSection(text);
  } finally {
    torch.close();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof HalftoneError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
