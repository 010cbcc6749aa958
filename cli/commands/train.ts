import { type Command, Option } from 'commander';
import { showProportion } from '../../lab/experiments/metrics.ts';
import type { EpochReport } from '../../lab/training/checkpoint.ts';
import { readRecipe } from '../../lab/training/recipe.ts';
import type { TrainingReport } from '../../lab/training/train.ts';
import { openSet } from '../data-sets.ts';
import { type EngineOptions, jsonOption, pair, providerOption, threadsOption } from '../options.ts';
import { printJson, printLines, startProgress } from '../output.ts';
import type { TrainDefenseOptions } from '../train-defense.ts';

interface Options extends EngineOptions, TrainDefenseOptions {
  readonly out?: string;
  readonly resume?: true;
  readonly json?: true;
}

const afterHelp = `
The folder gets the recipe, a checkpoint after every epoch and every minute, the best one by validation, and in
the end <name>.onnx with its card. An interrupted training goes on with --resume to the weights that it would
have come to (on the CPU).

Examples:
  halftone train models/recipes/mnist-c.yaml --out trained
  halftone train models/recipes/mnist-c.yaml --out trained --resume
  halftone train models/recipes/mnist-c.yaml --defense adv-train --set-defense epsilon=0.25 --out defended`;

/** `halftone train`: a model from a recipe. */
export function addTrain(program: Command, signal: AbortSignal): void {
  program
    .command('train')
    .summary('train a model by a recipe')
    .description('Trains a network as a recipe says, measures it on the test images and writes it as ONNX.')
    .argument('<recipe>', 'YAML or JSON file: network, data, optimizer, epochs, seed')
    .option('--out <folder>', "where everything goes (default: a folder with the recipe's name, here)")
    .option('--defense <name>', 'train with this defence, such as adv-train (halftone defenses lists them)')
    .addOption(
      new Option('--set-defense <name=value>', "one of the defence's parameters (repeat for more)")
        .argParser(pair)
        .default({}, "the defence's own"),
    )
    .option('--resume', "go on from the folder's last checkpoint")
    .addOption(providerOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText('after', afterHelp)
    .action((recipe: string, options: Options) => trainByRecipe(recipe, options, signal));
}

async function trainByRecipe(path: string, options: Options, signal: AbortSignal): Promise<void> {
  const { provider, threads, resume, json } = options;
  const { planOf } = await import('../train-defense.ts');
  const { recipe, train } = await planOf(await readRecipe(path), options);
  const data = await openSet(recipe.data);
  const folder = options.out ?? recipe.name;
  const { createRuntime } = await import('../../lab/runtime/index.ts');
  const runtime = await createRuntime({
    ...(provider === undefined ? {} : { providers: provider }),
    ...(threads === undefined ? {} : { threads }),
  });
  const progress = startTraining(json ?? false);
  try {
    const { onProgress } = progress;
    const result = await train(recipe, data, {
      runtime,
      folder,
      signal,
      onProgress,
      resume: resume ?? false,
    });
    progress.end();
    if (json) return printJson(result);
    printLines(
      `${result.model}: ${showProportion(result.accuracy)} of the test images right, weights of epoch ${result.epoch}`,
    );
  } finally {
    progress.end();
    await runtime.close();
  }
}

/** A line that moves, on a terminal, and one for each epoch that ends, unless JSON is to come alone. */
function startTraining(json: boolean) {
  const progress = startProgress('Training');
  // The pace is of this sitting alone: a resumed training didn't do the steps before in no time.
  let before: number | undefined;
  return {
    end: progress.end,
    onProgress: (report: TrainingReport) => {
      before ??= report.step - 1;
      progress.update(report.step - before, report.steps - before);
      if (!report.ended || json) return;
      progress.end();
      printLines(epochLine(report.ended, report.epochs));
    },
  };
}

function epochLine({ epoch, loss, accuracy, validation }: EpochReport, epochs: number): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
  const held = validation === undefined ? '' : `, on validation images ${percent(validation)}`;
  return `epoch ${epoch}/${epochs}: loss ${loss.toFixed(4)}, right while training ${percent(accuracy)}${held}`;
}
