import type { Command } from 'commander';
import { benchGradient } from '../../lab/runtime/bench.ts';
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
  readonly batch: number;
  readonly repeat: number;
  readonly json?: true;
}

/** `halftone bench gradient`: how fast a model is here. */
export function addBench(program: Command, signal: AbortSignal): void {
  const bench = program
    .command('bench')
    .summary('measure speed')
    .description('Measures speed on this machine.');
  bench
    .command('gradient')
    .summary('time a forward pass and an input gradient')
    .description(
      'Times a forward pass, and a forward pass with the gradient of the cross-entropy at the input.',
    )
    .argument('<model>', 'ONNX file')
    .option('--batch <n>', 'images at once', wholeNumber(1), 8)
    .option('--repeat <n>', 'runs, of which the median counts', wholeNumber(1), 10)
    .addOption(providerOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  halftone bench gradient squeezenet.onnx --batch 8 --threads 2 --json',
    )
    .action(async (model: string, options: Options) => {
      const result = await withClassifier(model, options, (classifier) => {
        const progress = startProgress('Timing');
        return benchGradient(model, classifier, { ...options, signal, onProgress: progress.update }).finally(
          progress.end,
        );
      });
      if (options.json) return printJson(result);
      const row = (name: string, { medianMs, gflopPerSecond }: typeof result.forward) => [
        name,
        `${medianMs.toFixed(1)} ms`,
        `${(medianMs / options.batch).toFixed(2)} ms/image`,
        gflopPerSecond === null ? '' : `${gflopPerSecond.toFixed(1)} GFLOP/s`,
      ];
      printLines(
        `${result.model} on ${result.provider}, batch ${result.batch}, median of ${result.repeat}`,
        ...table([row('forward', result.forward), row('forward and gradient', result.gradient)]),
        `peak memory ${(result.peakBytes / 2 ** 20).toFixed(0)} MiB`,
      );
    });
}
