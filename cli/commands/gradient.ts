import { HalftoneError } from '@halftone/sdk';
import type { Command } from 'commander';
import { Option } from 'commander';
import { type Layout, sliceImages } from '../../lab/data/batch.ts';
import { proportion } from '../../lab/experiments/metrics.ts';
import { defaultBatch } from '../../lab/registry/attack-host.ts';
import { checkLabels } from '../../lab/runtime/checks.ts';
import type { Classifier, ImageBatch, LossSpec } from '../../lab/runtime/classifier-types.ts';
import { argmax } from '../../lab/runtime/scores.ts';
import { checkWritable, readImageArray, readLabels, writeLike } from '../arrays.ts';
import {
  anyNumber,
  type EngineOptions,
  jsonOption,
  layoutOption,
  providerOption,
  threadsOption,
  wholeNumber,
  withClassifier,
} from '../options.ts';
import { printJson, printLines, startProgress } from '../output.ts';

interface Options extends EngineOptions {
  readonly images: string;
  readonly labels: string;
  readonly out: string;
  readonly loss: 'cross-entropy' | 'margin';
  readonly kappa?: number;
  readonly targeted?: true;
  readonly layout?: Layout;
  readonly batch?: number;
  readonly json?: true;
}

const examples = `
The loss is the mean over the images. A plain ONNX file with no card is taken as it is: its own layout, range and size.

Examples:
  halftone gradient resnet18.onnx --images x.npy --labels y.npy --out g.npy
  halftone gradient resnet18.onnx --images x.npy --labels t.npy --targeted --loss margin --kappa 5 --out g.npy --json`;

/** `halftone gradient`: the gradient of the mean loss at images from a .npy file. */
export function addGradient(program: Command, signal: AbortSignal): void {
  program
    .command('gradient')
    .summary("write a loss's gradient at the input")
    .description('Writes the gradient of the mean loss at the images, laid out like the images.')
    .argument('<model>', 'ONNX file')
    .requiredOption('--images <file>', 'images, .npy, four axes')
    .requiredOption('--labels <file>', 'class indices, .npy, one an image')
    .requiredOption('--out <file>', 'the gradient, .npy, float32')
    .addOption(
      new Option('--loss <loss>', 'the loss').choices(['cross-entropy', 'margin']).default('cross-entropy'),
    )
    .option('--kappa <κ>', "the margin's κ, in logits (default: 0)", anyNumber)
    .option('--targeted', 'the labels are targets')
    .addOption(layoutOption())
    .option('--batch <n>', 'images at once (default: what fits)', wholeNumber(1))
    .addOption(providerOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText('after', examples)
    .action(async (model: string, options: Options) => {
      const loss = lossOf(options);
      await checkWritable(options.out);
      await withClassifier(model, options, (classifier) => writeGradient(classifier, options, loss, signal));
    });
}

function lossOf({ loss, kappa }: Options): LossSpec {
  if (loss === 'margin') return { kind: 'margin', ...(kappa === undefined ? {} : { kappa }) };
  if (kappa !== undefined) throw new HalftoneError('bad-argument', '--kappa goes with --loss margin');
  return { kind: 'cross-entropy' };
}

async function writeGradient(
  classifier: Classifier,
  options: Options,
  loss: LossSpec,
  signal: AbortSignal,
): Promise<void> {
  const array = await readImageArray(options.images, classifier, {
    levels: false,
    ...(options.layout === undefined ? {} : { layout: options.layout }),
  });
  const labels = await readLabels(options.labels);
  const { images, layout } = array;
  checkLabels(labels, images.count, classifier.classes, options.targeted ? 'target' : 'label');
  const result = await meanGradient({ classifier, images, labels, loss, signal, options });
  await writeLike(options.out, array, result.gradient);
  const right = argmax(result.logits, classifier.classes).filter((label, i) => label === labels[i]).length;
  const report = {
    out: options.out,
    images: images.count,
    shape: array.shape,
    layout,
    loss: { ...loss, targeted: options.targeted === true },
    meanLoss: result.losses.reduce((a, b) => a + b, 0) / images.count,
    predictedAsLabelled: proportion(right, images.count),
    provider: classifier.provider,
    seconds: result.seconds,
  };
  if (options.json) return printJson(report);
  printLines(
    `${options.out}: gradient of the mean ${loss.kind} (${report.meanLoss.toPrecision(6)}) at ${images.count} images, [${array.shape.join(', ')}] float32`,
    `${right} of ${images.count} images are classified as labelled; ${classifier.provider}, ${result.seconds.toFixed(2)} s`,
  );
}

interface Task {
  readonly classifier: Classifier;
  readonly images: ImageBatch;
  readonly labels: Int32Array;
  readonly loss: LossSpec;
  readonly signal: AbortSignal;
  readonly options: Options;
}

interface MeanGradient {
  readonly gradient: Float32Array;
  readonly losses: Float32Array;
  readonly logits: Float32Array;
  readonly seconds: number;
}

/** Batch by batch: the mean over all images is each image's own gradient, divided by their number. */
async function meanGradient({
  classifier,
  images,
  labels,
  loss,
  signal,
  options,
}: Task): Promise<MeanGradient> {
  const { count } = images;
  const batch = options.batch ?? defaultBatch(images);
  const gradient = new Float32Array(images.data.length);
  const losses = new Float32Array(count);
  const logits = new Float32Array(count * classifier.classes);
  const progress = startProgress('Gradients');
  const started = performance.now();
  for (let start = 0; start < count; start += batch) {
    const end = Math.min(start + batch, count);
    const result = await classifier.gradient({
      images: sliceImages(images, start, end),
      labels: labels.slice(start, end),
      targeted: options.targeted === true,
      loss,
      reduction: 'sum',
      signal,
    });
    const at = start * (images.data.length / count);
    result.gradients.forEach((value, i) => {
      gradient[at + i] = value / count;
    });
    losses.set(result.losses, start);
    logits.set(result.logits, start * classifier.classes);
    progress.update(end, count);
  }
  progress.end();
  return { gradient, losses, logits, seconds: (performance.now() - started) / 1000 };
}
