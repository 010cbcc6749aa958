import { HalftoneError } from '@halftone/sdk';
import type { Layout } from '../lab/data/batch.ts';
import { type ClassEntry, classFinder, loadClasses } from '../lab/data/classes.ts';
import { labelledFiles } from '../lab/data/folder.ts';
import { choose, type SplitName } from '../lab/data/sets/index.ts';
import { fileSource, firstOf, type ImageSource, memorySource } from '../lab/data/source.ts';
import { checkLabels } from '../lab/runtime/checks.ts';
import type { Classifier } from '../lab/runtime/classifier-types.ts';
import { type ImageArray, readImageArray, readLabels } from './arrays.ts';
import { checkClasses } from './classes.ts';
import { anySet, openFittingSet } from './data-sets.ts';
import { exactlyOne } from './options.ts';

/** The options of `halftone attack` that say which images. */
export interface InputOptions {
  readonly images?: string;
  readonly labels?: string;
  readonly folder?: string;
  readonly classes?: string;
  readonly data?: string;
  readonly split: SplitName;
  readonly shuffleSeed?: number;
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

/** Where nothing else is said, images of a data set are those that models are measured on. */
export const defaultSplit: SplitName = 'test';

/** Refuses options that don't go together, before anything is opened. */
export async function checkInputOptions(options: InputOptions): Promise<void> {
  const { images, labels, folder, data, layout, classes } = options;
  exactlyOne({ '--images': images, '--folder': folder, '--data': data });
  const together = (ok: boolean, text: string) => {
    if (!ok) throw new HalftoneError('bad-argument', text);
  };
  if (data !== undefined) await anySet(data);
  together(
    data !== undefined || (options.split === defaultSplit && options.shuffleSeed === undefined),
    '--split and --shuffle-seed go with --data',
  );
  together((images === undefined) === (labels === undefined), '--images and --labels go together');
  together(layout === undefined || images !== undefined, '--layout goes with --images');
  together(
    options.targets === undefined || options.targetClass === undefined,
    'give --targets or --target-class, not both',
  );
  together(
    options.targets === undefined || images !== undefined,
    '--targets goes with --images; elsewhere use --target-class',
  );
  together(
    classes === undefined || folder !== undefined || options.targetClass !== undefined,
    '--classes goes with --folder or --target-class',
  );
}

/** Reads what the options name. Throws as the readers do, and `bad-labels`, `bad-argument`. */
export async function readInput(options: InputOptions, classifier: Classifier): Promise<AttackInput> {
  const { classes, ...input } = await readSource(options, classifier);
  const targets = await readTargets({ options, classifier, count: input.source.count, classes });
  return targets === undefined ? input : { ...input, targets };
}

/** Images, and the names of their classes where they bring them along. */
interface NamedInput extends AttackInput {
  readonly classes?: readonly ClassEntry[];
}

function readSource(options: InputOptions, classifier: Classifier): Promise<NamedInput> {
  if (options.data !== undefined) return dataInput(options.data, options, classifier);
  return options.folder === undefined ? arrayInput(options, classifier) : folderInput(options, classifier);
}

async function dataInput(name: string, options: InputOptions, classifier: Classifier): Promise<NamedInput> {
  const { split, count, shuffleSeed } = options;
  const set = await openFittingSet(name, classifier);
  const source = choose(set, {
    split,
    ...(count === undefined ? {} : { count }),
    ...(shuffleSeed === undefined ? {} : { shuffleSeed }),
  });
  return { source, classes: set.classes };
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

async function classesFor(
  { classes }: InputOptions,
  { card, classes: count }: Classifier,
  own: readonly ClassEntry[] | undefined = card.classes,
) {
  return checkClasses(classes === undefined ? own : await loadClasses(classes), count);
}

interface TargetQuestion {
  readonly options: InputOptions;
  readonly classifier: Classifier;
  readonly count: number;
  /** The data set's own names. */
  readonly classes: readonly ClassEntry[] | undefined;
}

async function readTargets(question: TargetQuestion): Promise<Int32Array | undefined> {
  const { options, classifier, count } = question;
  if (options.targets !== undefined) {
    const targets = await readLabels(options.targets);
    // As many as the file of images had: the rest go with the images that --count leaves out.
    const used = options.count === undefined ? targets : targets.slice(0, count);
    checkLabels(used, count, classifier.classes, 'target');
    return used;
  }
  if (options.targetClass === undefined) return undefined;
  return new Int32Array(count).fill(await targetIndex(question));
}

async function targetIndex({ options, classifier, classes }: TargetQuestion): Promise<number> {
  const names = await classesFor(options, classifier, classes);
  const find = classFinder(
    names ?? Array.from({ length: classifier.classes }, (_, i) => ({ name: String(i) })),
  );
  const index = find(options.targetClass ?? '');
  if (index !== undefined) return index;
  const known =
    names === undefined ? `an index, 0 to ${classifier.classes - 1}` : 'the name, id or index of a class';
  throw new HalftoneError('bad-labels', `--target-class ${options.targetClass} is not ${known}`);
}
