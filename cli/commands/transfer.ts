import { type Command, Option } from 'commander';
import { showProportion } from '../../lab/experiments/metrics.ts';
import { openImages } from '../../lab/experiments/physical/images.ts';
import type { Materials } from '../../lab/experiments/physical/materials.ts';
import { recipeSchema } from '../../lab/experiments/recipe/schema.ts';
import type { NamedModel, TransferResult, TransferVariant } from '../../lab/experiments/transfer/transfer.ts';
import { runTransfer } from '../../lab/experiments/transfer/transfer.ts';
import { checkNeeds } from '../../lab/registry/attack-host.ts';
import { addChannelOptions, type ChannelOptions, openChannel } from '../attack-stages.ts';
import {
  type EngineOptions,
  exactlyOne,
  jsonOption,
  pair,
  providerOption,
  threadsOption,
  wholeNumber,
} from '../options.ts';
import { printJson, printLines, startProgress, table } from '../output.ts';
import { withMaterials } from '../physical.ts';

interface Options extends EngineOptions, ChannelOptions {
  readonly sources: readonly string[];
  readonly targets?: readonly string[];
  readonly attacks: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly data?: string;
  readonly folder?: string;
  readonly classes?: string;
  readonly count: number;
  readonly shuffleSeed?: number;
  readonly seed: number;
  readonly json?: true;
}

const afterHelp = `
Each source's examples are made once and shown to every target. Only images that a target has right when clean are
counted for it. --set goes to every attack that has such a parameter.

Example:
  halftone transfer --sources mnist-a --targets mnist-a mnist-b mnist-c --attacks fgsm bim --set epsilon=0.25 --data mnist --count 500`;

/** `halftone transfer`: black-box transfer on files. */
export function addTransfer(program: Command, signal: AbortSignal): void {
  const command = program
    .command('transfer')
    .summary('show examples of some models to others')
    .description('Makes examples on source models and says how many fool target models.')
    .requiredOption('--sources <models...>', 'models that the examples are made on')
    .option('--targets <models...>', 'models that they are shown to (default: the sources)')
    .requiredOption('--attacks <names...>', 'attacks, each with its own defaults')
    .addOption(
      new Option('--set <name=value>', 'a parameter of the attacks (repeat for more)')
        .argParser(pair)
        .default({}),
    )
    .option('--data <name>', 'a data set, such as mnist')
    .option('--folder <folder>', 'image files, each named <class>_… or in a folder named by class')
    .option('--classes <file>', "JSON with the class names (default: the model card's)")
    .option('--count <n>', 'how many images', wholeNumber(1), 100)
    .option('--shuffle-seed <n>', 'not the first images: a random choice', wholeNumber(0))
    .option('--seed <n>', 'seed of all randomness', wholeNumber(0), 0)
    .addOption(providerOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText('after', afterHelp)
    .action((options: Options) => transfer(options, signal));
  addChannelOptions(command, 'what attacks that need one train through');
}

async function transfer(options: Options, signal: AbortSignal): Promise<void> {
  exactlyOne({ '--data': options.data, '--folder': options.folder });
  const base = process.cwd();
  await withMaterials(base, options, async (materials) => {
    const variants = await variantsOf(options, materials);
    const named = (name: string): NamedModel => ({
      name,
      use: (work) => materials.useModel(name, work),
    });
    const data = dataOf(options);
    const progress = startProgress('transfer');
    try {
      const result = await runTransfer({
        sources: options.sources.map(named),
        targets: (options.targets ?? options.sources).map(named),
        variants,
        images: async (classifier) => {
          const surroundings = { recipeFolder: base, openSet: materials.openSet };
          return (await openImages(data, classifier, surroundings)).source;
        },
        seed: options.seed,
        signal,
        onProgress: progress.update,
      });
      progress.end();
      if (options.json) printJson({ seed: options.seed, ...result });
      else printLines(...matrixLines(result));
    } finally {
      progress.end();
    }
  });
}

async function variantsOf(options: Options, materials: Materials): Promise<TransferVariant[]> {
  const channel = await openChannel(options, (name) => materials.loadChannel(name));
  const attacks = await Promise.all(options.attacks.map((name) => materials.loadAttack(name)));
  return attacks.map((attack) => {
    checkNeeds(attack, channel);
    const own = Object.entries(options.set).filter(([key]) => Object.hasOwn(attack.parameters, key));
    const through = attack.needs?.includes('channel') && channel !== undefined ? { channel } : {};
    return { key: attack.name, attack, parameters: Object.fromEntries(own), ...through };
  });
}

function dataOf({ data, folder, classes, count, shuffleSeed: shuffle }: Options) {
  const given = { count, ...(shuffle === undefined ? {} : { shuffle }) };
  const source =
    data === undefined
      ? { folder, ...(classes === undefined ? {} : { classes }), ...given }
      : { set: data, ...given };
  return recipeSchema.shape.data.parse(source);
}

function matrixLines({ cells, images }: TransferResult): string[] {
  const rows = cells.map(({ source, variant, target, fooled, fooledOfSource }) => [
    source,
    variant,
    target,
    showProportion(fooled),
    showProportion(fooledOfSource),
  ]);
  const head = [
    'made on',
    'attack',
    'shown to',
    'fooled, of those right when clean',
    'of these that fooled the source',
  ];
  return [`${images} images`, '', ...table([head, ...rows])];
}
