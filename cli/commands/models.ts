import type { Command } from 'commander';
import { listShelves } from '../../lab/library.ts';
import { listPluginModels } from '../../lab/registry/plugin-models.ts';
import { findCard, type ModelCard } from '../../lab/runtime/card.ts';
import type { Classifier } from '../../lab/runtime/classifier-types.ts';
import { modelFile, modelShelves } from '../model-files.ts';
import { jsonOption, withClassifier } from '../options.ts';
import { printJson, printLines, table } from '../output.ts';
import { openRegistry } from '../registry.ts';
import { addModelsEval } from './models-eval.ts';

interface Options {
  readonly json?: true;
}

/** `halftone models`: list, card, check. */
export function addModels(program: Command, signal: AbortSignal): void {
  const models = program
    .command('models')
    .summary('list models, show a card, check a file, measure accuracy')
    .description('The models that come with Halftone or were added to the lab, and any ONNX file.')
    .addHelpText(
      'after',
      '\nExamples:\n  halftone models list\n  halftone models card squeezenet.onnx\n  halftone models check squeezenet.onnx --json\n  halftone models eval mnist.onnx --data mnist',
    );
  models
    .command('list', { isDefault: true })
    .description('List the models in the lab.')
    .addOption(jsonOption())
    .action(list);
  models
    .command('card')
    .description('Show what is known about a model: its card, or what its file alone says.')
    .argument('<model>', 'ONNX file, or the name of a model')
    .addOption(jsonOption())
    .action(showCard);
  models
    .command('check')
    .description('Check that a model can be read, run and differentiated here.')
    .argument('<model>', 'ONNX file, or the name of a model')
    .addOption(jsonOption())
    .action((model: string, options: Options) => check(model, options, signal));
  addModelsEval(models, signal);
}

async function list(options: Options): Promise<void> {
  const shelves = modelShelves();
  const models = [...(await listShelves(shelves)), ...(await listPluginModels(openRegistry()))];
  if (options.json) return printJson(models.map(({ path, summary }) => ({ path, ...summary })));
  if (models.length === 0) return printLines(`No models yet: put ONNX files into ${shelves[1].folder}`);
  const rows = models.map(({ path, summary }) => [
    summary.name,
    summary.height === undefined ? '' : `${summary.height}×${summary.width}`,
    summary.classes === undefined ? '' : `${summary.classes} classes`,
    summary.problem ?? path,
  ]);
  printLines(...table(rows));
}

async function showCard(name: string, options: Options): Promise<void> {
  const model = await modelFile(name);
  const file = await findCard(model);
  const description = await withClassifier(model, {}, async (classifier) => ({
    file: file ?? null,
    ...describe(classifier),
  }));
  if (options.json) return printJson(description);
  const { card, input, classes } = description;
  const { layout, channels, range, mean, std } = card.input;
  const rows = [
    ['name', card.name],
    ['card', file ?? 'none beside the file: taken as it is'],
    ['input', `${input.height}×${input.width}, ${channels}, ${layout}`],
    ['range', `${range.join(' to ')}, mean ${mean.join(' ')}, std ${std.join(' ')}`],
    ['output', `${card.output}, ${classes} classes${card.classes === undefined ? ' without names' : ''}`],
    ['source', card.source ?? 'not said'],
    ['licence', card.licence ?? 'not said'],
    ...trainingRows(card),
  ];
  printLines(...table(rows));
}

/** What the training that made it wrote down. */
function trainingRows({ training }: ModelCard): string[][] {
  if (training === undefined) return [];
  const { data, recipe, seed, epochs, provider, accuracy, sha256 } = training;
  const { split, share, low, high, images } = accuracy;
  const percent = (value: number) => (value * 100).toFixed(2);
  const interval = `95% interval ${percent(low)}–${percent(high)}`;
  return [
    ['training', `${data}, recipe ${recipe}, seed ${seed}, ${epochs} epochs, ${provider}`],
    ['accuracy', `${percent(share)}% of ${images} images (${split}), ${interval}`],
    ['sha256', sha256],
  ];
}

function describe({ card, input, classes, provider }: Classifier) {
  return { card, input, classes, provider };
}

async function check(model: string, options: Options, signal: AbortSignal): Promise<void> {
  const report = await withClassifier(model, {}, async (classifier) => {
    const { input } = classifier;
    const data = new Float32Array(input.height * input.width * input.channels).fill(0.5);
    const images = { ...input, data, count: 1 };
    const { gradients } = await classifier.gradient({
      images,
      labels: Int32Array.of(0),
      loss: { kind: 'cross-entropy' },
      signal,
    });
    const finite = gradients.every(Number.isFinite);
    const zero = gradients.every((value) => value === 0);
    return { ...describe(classifier), gradient: finite ? (zero ? 'zero' : 'finite') : 'not finite' };
  });
  if (options.json) return printJson(report);
  const { card, input, classes, provider, gradient } = report;
  printLines(
    `${card.name}: reads, runs and differentiates on ${provider}`,
    `${input.height}×${input.width}×${input.channels} in, ${classes} classes out; the gradient at grey is ${gradient}`,
  );
}
