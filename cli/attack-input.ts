import { HalftoneError } from '@halftone/sdk';
import type { Layout } from '../lab/data/batch.ts';
import { loadClasses } from '../lab/data/classes.ts';
import { labelledFiles } from '../lab/data/folder.ts';
import { fileSource, firstOf, type ImageSource, memorySource } from '../lab/data/source.ts';
import { checkLabels } from '../lab/runtime/checks.ts';
import type { Classifier } from '../lab/runtime/classifier-types.ts';
import { type ImageArray, readImageArray, readLabels } from './arrays.ts';
import { checkClasses } from './classes.ts';
import { exactlyOne } from './options.ts';

/** The options of `halftone attack` that say which images. */
export interface InputOptions {
  readonly images?: string;
  readonly labels?: string;
  readonly folder?: string;
  readonly classes?: string;
  readonly data?: string;
  readonly count?: number;
  readonly layout?: Layout;
  readonly targetClass?: string;
  readonly targets?: string;
}

/** The images to attack; `array` is there when they come from a .npy file, for writing others like it. */
export interface AttackInput {
  readonly source: ImageSource;
  readonly array?: ImageArray;
  readonly targets?: Int32Array;
}

/** Refuses options that don't go together, before anything is opened. */
export function checkInputOptions(options: InputOptions): void {
  const { images, labels, folder, data, layout, classes } = options;
  exactlyOne({ '--images': images, '--folder': folder, '--data': data });
  const together = (ok: boolean, text: string) => {
    if (!ok) throw new HalftoneError('bad-argument', text);
  };
  together(
    data === undefined,
    `there is no data set '${data}': none come with Halftone yet; use --images or --folder`,
  );
  together((images === undefined) === (labels === undefined), '--images and --labels go together');
  together(layout === undefined || images !== undefined, '--layout goes with --images');
  together(
    options.targets === undefined || options.targetClass === undefined,
    'give --targets or --target-class, not both',
  );
  together(
    options.targets === undefined || images !== undefined,
    '--targets goes with --images; for a folder use --target-class',
  );
  together(
    classes === undefined || folder !== undefined || options.targetClass !== undefined,
    '--classes goes with --folder or --target-class',
  );
}

/** Reads what the options name. Throws as the readers do, and `bad-labels`, `bad-argument`. */
export async function readInput(options: InputOptions, classifier: Classifier): Promise<AttackInput> {
  const input =
    options.folder === undefined
      ? await arrayInput(options, classifier)
      : await folderInput(options, classifier);
  const targets = await readTargets(options, classifier, input.source.count);
  return targets === undefined ? input : { ...input, targets };
}

async function arrayInput(options: InputOptions, classifier: Classifier): Promise<AttackInput> {
  const { images: path = '', labels: labelPath = '', layout, count } = options;
  const array = await readImageArray(path, classifier, {
    levels: true,
    ...(layout === undefined ? {} : { layout }),
  });
  const labels = await readLabels(labelPath);
  checkLabels(labels, array.images.count, classifier.classes);
  const source = memorySource(array.images, labels);
  if (count === undefined || count === source.count) return { source, array };
  const first = firstOf(source, count);
  const images = await first.read(0, count);
  return { source: first, array: { ...array, images, shape: [count, ...array.shape.slice(1)] } };
}

async function folderInput(options: InputOptions, classifier: Classifier): Promise<AttackInput> {
  const classes = await classesFor(options, classifier);
  if (classes === undefined) {
    const text = 'the model has no card that names its classes; give --classes FILE to label the folder';
    throw new HalftoneError('bad-argument', text);
  }
  const source = fileSource(await labelledFiles(options.folder ?? '', classes), classifier.input);
  return { source: options.count === undefined ? source : firstOf(source, options.count) };
}

async function classesFor({ classes }: InputOptions, { card, classes: count }: Classifier) {
  return checkClasses(classes === undefined ? card.classes : await loadClasses(classes), count);
}

async function readTargets(
  options: InputOptions,
  classifier: Classifier,
  count: number,
): Promise<Int32Array | undefined> {
  if (options.targets !== undefined) {
    const targets = await readLabels(options.targets);
    // As many as the file of images had: the rest go with the images that --count leaves out.
    const used = options.count === undefined ? targets : targets.slice(0, count);
    checkLabels(used, count, classifier.classes, 'target');
    return used;
  }
  if (options.targetClass === undefined) return undefined;
  return new Int32Array(count).fill(await targetIndex(options, classifier));
}

async function targetIndex(options: InputOptions, classifier: Classifier): Promise<number> {
  const { classFinder } = await import('../lab/data/classes.ts');
  const names = await classesFor(options, classifier);
  const find = classFinder(
    names ?? Array.from({ length: classifier.classes }, (_, i) => ({ name: String(i) })),
  );
  const index = find(options.targetClass ?? '');
  if (index !== undefined) return index;
  const known =
    names === undefined ? `an index, 0 to ${classifier.classes - 1}` : 'the name, id or index of a class';
  throw new HalftoneError('bad-labels', `--target-class ${options.targetClass} is not ${known}`);
}
