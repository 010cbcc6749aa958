import { type Attack, parseParameters } from '@halftone/sdk';
import { type Command, Option } from 'commander';
import { type DigitalResult, runDigital } from '../../lab/experiments/digital.ts';
import type { Classifier } from '../../lab/runtime/classifier-types.ts';
import {
  type AttackInput,
  checkInputOptions,
  defaultSplit,
  type InputOptions,
  readInput,
} from '../attack-input.ts';
import { type OutputOptions, openSinks, type Sink } from '../attack-output.ts';
import { type Setting, showAttack } from '../attack-report.ts';
import {
  type EngineOptions,
  jsonOption,
  layoutOption,
  pair,
  providerOption,
  threadsOption,
  wholeNumber,
  withClassifier,
} from '../options.ts';
import { printJson, printLines, startProgress } from '../output.ts';
import { openRegistry } from '../registry.ts';

interface Options extends EngineOptions, InputOptions, OutputOptions {
  readonly attack: string;
  readonly set: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly batch?: number;
  readonly json?: true;
}

const examples = `
Everything is measured on the images rounded to eight bits, which is what --out writes.
halftone attacks lists the attacks and their parameters.

Examples:
  halftone attack squeezenet.onnx --attack fgsm --set epsilon=8/255 --folder photos --classes imagenet.json
  halftone attack squeezenet.onnx --attack bim --set epsilon=8/255 --set steps=10 --folder photos --classes imagenet.json --out adversarial
  halftone attack mnist.onnx --attack bim --set epsilon=0.3 --images x.npy --labels y.npy --out adv.npy --json
  halftone attack mnist.onnx --attack fgsm --set epsilon=0.25 --data mnist --count 1000`;

/** `halftone attack`: one attack on a set of images, measured. */
export function addAttack(program: Command, signal: AbortSignal): void {
  const command = program
    .command('attack')
    .summary('make adversarial images and measure them')
    .description('Attacks images and says how the model does before and after.')
    .argument('<model>', 'ONNX file')
    .requiredOption('--attack <name>', 'the attack: fgsm, bim')
    .addOption(
      new Option('--set <name=value>', "one of the attack's parameters (repeat for more)")
        .argParser(pair)
        .default({}, "the attack's own"),
    )
    .option('--images <file>', 'images, .npy: float32 in 0 to 1, or uint8')
    .option('--labels <file>', 'their class indices, .npy')
    .option('--folder <folder>', 'image files, each named <class>_… or in a folder named by class')
    .option('--classes <file>', "JSON with the class names (default: the model card's)")
    .option(
      '--data <name>',
      'a data set, such as mnist (halftone data lists them), or a JSON file of your own',
    )
    .addOption(
      new Option('--split <split>', 'which part of the data set')
        .choices(['train', 'test'])
        .default(defaultSplit),
    )
    .option('--count <n>', 'only the first n images', wholeNumber(1))
    .option('--shuffle-seed <n>', 'not the first images of the data set: a random choice', wholeNumber(0))
    .option('--target-class <class>', 'make every image this class: name, id or index')
    .option('--targets <file>', 'wanted class indices, .npy, one an image')
    .option('--out <path>', 'the rounded images: a .npy file for --images, a folder of PNGs otherwise')
    .option('--raw-out <file>', 'the images before rounding, .npy, float32')
    .option('--seed <n>', 'seed of all randomness', wholeNumber(0), 0)
    .option('--batch <n>', 'images at once (default: what fits)', wholeNumber(1));
  command
    .addOption(layoutOption())
    .addOption(providerOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText('after', examples)
    .action(async (model: string, options: Options) => {
      checkInputOptions(options);
      const attack = await openRegistry().open('attack', options.attack);
      // Checked again when it runs; here, so that a slip costs no loading of a model.
      parseParameters(attack.parameters, options.set, attack.name);
      await withClassifier(model, options, (classifier) =>
        runAttackCommand({ classifier, attack, options, signal }),
      );
    });
}

interface Task {
  readonly classifier: Classifier;
  readonly attack: Attack;
  readonly options: Options;
  readonly signal: AbortSignal;
}

async function runAttackCommand(task: Task): Promise<void> {
  const { classifier, attack, options } = task;
  const input = await readInput(options, classifier);
  const sinks = await openSinks(options, input);
  let result: DigitalResult;
  try {
    result = await measure(task, input, sinks);
    for (const sink of sinks) await sink.finish();
  } finally {
    for (const sink of sinks) await sink.discard();
  }
  const { provider, card } = classifier;
  const origin = options.data === undefined ? '' : ` of ${options.data} (${options.split})`;
  const setting: Setting = { attack, model: card.name, provider, seed: options.seed, origin };
  if (options.json) {
    const { out, rawOut } = options;
    printJson({
      attack: attack.name,
      model: card.name,
      provider,
      seed: options.seed,
      ...dataOf(options),
      ...result,
      out,
      rawOut,
    });
  } else printLines(...showAttack(result, setting));
}

/** Which images of a data set, for the report. */
function dataOf({ data, split, shuffleSeed }: Options) {
  return data === undefined ? {} : { data, split, shuffleSeed };
}

async function measure(
  { classifier, attack, options, signal }: Task,
  { source, targets }: AttackInput,
  sinks: readonly Sink[],
): Promise<DigitalResult> {
  const progress = startProgress(attack.name);
  try {
    return await runDigital({
      attack,
      classifier,
      source,
      parameters: options.set,
      seed: options.seed,
      signal,
      ...(targets === undefined ? {} : { targets }),
      ...(options.batch === undefined ? {} : { batch: options.batch }),
      onProgress: progress.update,
      onBatch: async (batch) => {
        for (const sink of sinks) await sink.take(batch);
      },
    });
  } finally {
    progress.end();
  }
}
