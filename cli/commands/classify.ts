import { basename } from 'node:path';
import type { Command } from 'commander';
import { bestClasses } from '../../lab/classify.ts';
import { type ClassEntry, loadClasses } from '../../lab/data/classes.ts';
import { readImages } from '../../lab/data/images.ts';
import { defaultBatch } from '../../lab/registry/attack-host.ts';
import type { Classifier } from '../../lab/runtime/classifier-types.ts';
import { checkClasses } from '../classes.ts';
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
  readonly top: number;
  readonly classes?: string;
  readonly json?: true;
}

interface Answer {
  readonly image: string;
  readonly top: ReturnType<typeof bestClasses>;
}

/** `halftone classify`: the best classes of image files. */
export function addClassify(program: Command, signal: AbortSignal): void {
  program
    .command('classify')
    .summary('say what a model sees in photographs')
    .description(
      'Classifies image files: each is turned as its EXIF says, resized to cover the input and cropped at the centre.',
    )
    .argument('<model>', 'ONNX file')
    .argument('<images...>', 'image files')
    .option('--top <k>', 'classes to show for an image', wholeNumber(1), 5)
    .option('--classes <file>', 'JSON with the class names, in the order of the logits')
    .addOption(providerOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  halftone classify squeezenet.onnx cat.jpg dog.png --classes imagenet.json --top 3',
    )
    .action(async (model: string, images: string[], options: Options) => {
      const classes = options.classes === undefined ? undefined : await loadClasses(options.classes);
      const answers = await withClassifier(model, options, (classifier) =>
        classifyFiles(classifier, images, { classes, top: options.top, signal }),
      );
      if (options.json) printJson(answers);
      else for (const answer of answers) printAnswer(answer);
    });
}

async function classifyFiles(
  classifier: Classifier,
  paths: readonly string[],
  { classes, top, signal }: { classes: ClassEntry[] | undefined; top: number; signal: AbortSignal },
): Promise<Answer[]> {
  const names = checkClasses(classes ?? classifier.card.classes, classifier.classes);
  const label = (index: number) => names?.[index]?.name ?? `class ${index}`;
  const batch = defaultBatch(classifier.input);
  const progress = startProgress('Classifying');
  const answers: Answer[] = [];
  for (let start = 0; start < paths.length; start += batch) {
    const part = paths.slice(start, start + batch);
    const logits = await classifier.logits(await readImages(part, classifier.input, { signal }), { signal });
    part.forEach((image, i) => {
      const row = logits.subarray(i * classifier.classes, (i + 1) * classifier.classes);
      answers.push({ image, top: bestClasses(row, top, label) });
    });
    progress.update(answers.length, paths.length);
  }
  progress.end();
  return answers;
}

function printAnswer({ image, top }: Answer): void {
  const rows = top.map(({ label, confidence, index }) => [
    `${(confidence * 100).toFixed(1)}%`.padStart(6),
    label,
    `(${index})`,
  ]);
  printLines(basename(image), ...table(rows).map((line) => `  ${line}`));
}
