import { type Command, Option } from 'commander';
import { choose, type SplitName } from '../../lab/data/sets/index.ts';
import { measureAccuracy } from '../../lab/experiments/accuracy.ts';
import { defaultBatch } from '../../lab/registry/attack-host.ts';
import type { Classifier } from '../../lab/runtime/classifier-types.ts';
import { showAccuracy } from '../attack-report.ts';
import { anySet, openFittingSet } from '../data-sets.ts';
import {
  type EngineOptions,
  jsonOption,
  providerOption,
  threadsOption,
  wholeNumber,
  withClassifier,
} from '../options.ts';
import { printJson, printLines, startProgress, table } from '../output.ts';

interface Options extends EngineOptions {
  readonly data: string;
  readonly split: SplitName;
  readonly count?: number;
  readonly batch?: number;
  readonly json?: true;
}

/** `halftone models eval`: how a model does on a data set. */
export function addModelsEval(models: Command, signal: AbortSignal): void {
  models
    .command('eval')
    .description('Measure the accuracy of a model on a data set.')
    .argument('<model>', 'ONNX file, or the name of a model')
    .requiredOption(
      '--data <name>',
      'a data set, such as mnist (halftone data lists them), or a JSON file of your own',
    )
    .addOption(
      new Option('--split <split>', 'which part of the data set').choices(['train', 'test']).default('test'),
    )
    .option('--count <n>', 'only the first n images', wholeNumber(1))
    .option('--batch <n>', 'images at once (default: what fits)', wholeNumber(1))
    .addOption(providerOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (model: string, options: Options) => {
      await anySet(options.data);
      await withClassifier(model, options, (classifier) => evaluate(classifier, options, signal));
    });
}

async function evaluate(classifier: Classifier, options: Options, signal: AbortSignal): Promise<void> {
  const { data, split, count, batch } = options;
  const set = await openFittingSet(data, classifier);
  const source = choose(set, count === undefined ? { split } : { split, count });
  const progress = startProgress(classifier.card.name);
  const started = performance.now();
  try {
    const accuracy = await measureAccuracy({
      classifier,
      source,
      batch: batch ?? defaultBatch(classifier.input),
      signal,
      onProgress: progress.update,
    });
    progress.end();
    const seconds = (performance.now() - started) / 1000;
    const { card, provider } = classifier;
    if (options.json) {
      return printJson({
        model: card.name,
        provider,
        data,
        split,
        count: source.count,
        ...accuracy,
        seconds,
      });
    }
    printLines(
      `${card.name} on ${provider}, ${source.count} images of ${data} (${split}), ${seconds.toFixed(1)} s`,
      ...table([['top-1', 'top-5', 'confidence of errors'], showAccuracy(accuracy)]),
    );
  } finally {
    progress.end();
  }
}
