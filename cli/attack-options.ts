import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultSplit, type InputOptions } from './attack-input.ts';
import type { KeepOptions } from './attack-kept.ts';
import type { OutputOptions } from './attack-output.ts';
import { addStageOptions, type StageOptions } from './attack-stages.ts';
import {
  anyNumber,
  type EngineOptions,
  jsonOption,
  layoutOption,
  pair,
  providerOption,
  threadsOption,
  wholeNumber,
} from './options.ts';

/** The options of `halftone attack`. */
export interface AttackOptions extends EngineOptions, InputOptions, OutputOptions, StageOptions, KeepOptions {
  readonly attack: string;
  readonly set: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly batch?: number;
  readonly timeLimit?: number;
  /** Folder of a plugin that is being written. */
  readonly dev?: string;
  readonly json?: true;
}

/** Adds the options of `halftone attack`. */
export function addAttackOptions(command: Command): void {
  command
    .requiredOption('--attack <name>', 'the attack, such as fgsm or pgd (halftone attacks lists them)')
    .addOption(
      new Option('--set <name=value>', "one of the attack's parameters (repeat for more)")
        .argParser(pair)
        .default({}, "the attack's own"),
    );
  addInputOptions(command);
  addStageOptions(command);
  addRunOptions(command);
}

function addInputOptions(command: Command): void {
  command
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
    .option('--targets <file>', 'wanted class indices, .npy, one an image');
}

function addRunOptions(command: Command): void {
  command
    .option('--out <path>', 'the rounded images: a .npy file for --images, a folder of PNGs otherwise')
    .option('--raw-out <file>', 'the images before rounding, .npy, float32')
    .option('--seed <n>', 'seed of all randomness', wholeNumber(0), 0)
    .option('--batch <n>', 'images at once (default: what fits)', wholeNumber(1))
    .option('--time-limit <seconds>', 'end a run that takes longer (default: none)', positive)
    .option('--keep <folder>', 'keep finished batches there, so that an interrupted run can go on')
    .option('--resume', 'go on with the run in --keep')
    .option('--dev <folder>', 'a plugin that you are writing: use it, and run again whenever it changes')
    .addOption(layoutOption())
    .addOption(providerOption())
    .addOption(threadsOption())
    .addOption(jsonOption());
}

function positive(text: string): number {
  const value = anyNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('A number above 0 is needed.');
}
