import { type Attack, HalftoneError, roundToLevels, throwIfCancelled } from '@halftone/sdk';
import { resizeImages } from '../../data/resize.ts';
import type { ImageSource } from '../../data/source.ts';
import type { Stage } from '../../registry/stages.ts';
import type { Classifier, ImageBatch } from '../../runtime/classifier-types.ts';
import { finiteLogits } from '../accuracy.ts';
import { runDigital } from '../digital.ts';
import { type Verdict, verdictsOf } from '../verdict.ts';
import { type TransferCell, transferCell } from './matrix.ts';

/** A model by name, opened when its turn comes. */
export interface NamedModel {
  readonly name: string;
  /** Does something with the model; opens it before where need be. */
  use<T>(work: (classifier: Classifier) => Promise<T>): Promise<T>;
}

/** An attack with its parameters. */
export interface TransferVariant {
  readonly key: string;
  readonly attack: Attack;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What the attack trains through, where it needs one. */
  readonly channel?: Stage;
}

/** Black-box transfer on files. */
export interface TransferRequest {
  /** Models that the examples are made on. */
  readonly sources: readonly NamedModel[];
  /** Models that they are shown to; a source may be among them. */
  readonly targets: readonly NamedModel[];
  readonly variants: readonly TransferVariant[];
  /** The images at a source's size. */
  readonly images: (classifier: Classifier) => Promise<ImageSource>;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** `what` says what is under way, in words. */
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

/** A matrix of transfer, with what it rests on. */
export interface TransferResult {
  /** By source, then variant, then target. */
  readonly cells: readonly TransferCell[];
  readonly images: number;
  /** Gradients and queries that each source's examples cost, by source and variant. */
  readonly spent: readonly {
    readonly source: string;
    readonly variant: string;
    readonly gradients: number;
    readonly queries: number;
  }[];
}

/** The files of one source and one variant. */
interface Examples {
  readonly source: string;
  readonly variant: string;
  readonly adversarial: ImageBatch;
}

/** The images at one source's size, and what was made of them there. */
interface SourceSet {
  readonly name: string;
  readonly clean: ImageBatch;
  readonly labels: Int32Array;
  readonly examples: readonly Examples[];
}

/**
 * Makes the examples of every source once, rounded to eight bits, and shows them to every target, resized as files
 * would be where sizes differ. Only images that a target has right when clean are counted for it.
 * Throws `bad-argument` for names given twice, and as attacks and models do; `cancelled`.
 */
export async function runTransfer(request: TransferRequest): Promise<TransferResult> {
  checkNames(request);
  const { sources, targets, variants } = request;
  const steps = sources.length * variants.length + targets.length;
  const spent: TransferResult['spent'][number][] = [];
  const sets: SourceSet[] = [];
  for (const [i, source] of sources.entries()) {
    throwIfCancelled(request.signal);
    const before = i * variants.length;
    const report = (done: number, what: string) => request.onProgress?.(before + done, steps, what);
    sets.push(
      await source.use((classifier) => attackSource(request, source.name, classifier, report, spent)),
    );
  }
  const seen = new Map<string, Map<Examples | SourceSet, Verdict[]>>();
  const shown = [
    ...targets,
    ...sources.filter(({ name }) => !targets.some((target) => target.name === name)),
  ];
  for (const [i, model] of shown.entries()) {
    throwIfCancelled(request.signal);
    request.onProgress?.(sources.length * variants.length + Math.min(i, targets.length), steps, model.name);
    seen.set(model.name, await model.use((classifier) => show(classifier, sets, request.signal)));
  }
  request.onProgress?.(steps, steps, 'done');
  const cells = sets.flatMap((set) =>
    set.examples.flatMap((examples) =>
      targets.map(({ name }) => {
        const names = { source: set.name, variant: examples.variant, target: name };
        const pairs = (model: string) => {
          const verdicts = seen.get(model)!;
          const adversarial = verdicts.get(examples)!;
          return verdicts.get(set)!.map((clean, image) => ({ clean, adversarial: adversarial[image]! }));
        };
        return transferCell(names, pairs(name), pairs(set.name));
      }),
    ),
  );
  return { cells, images: sets[0]?.clean.count ?? 0, spent };
}

function checkNames({ sources, targets, variants }: TransferRequest): void {
  const lists = {
    source: sources.map(({ name }) => name),
    target: targets.map(({ name }) => name),
    attack: variants.map(({ key }) => key),
  };
  for (const [what, names] of Object.entries(lists)) {
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new HalftoneError('bad-argument', `the ${what} '${twice}' is named twice`);
    if (names.length === 0) throw new HalftoneError('bad-argument', `no ${what} given`);
  }
}

async function attackSource(
  request: TransferRequest,
  name: string,
  classifier: Classifier,
  report: (done: number, what: string) => void,
  spent: TransferResult['spent'][number][],
): Promise<SourceSet> {
  const { variants, seed, signal } = request;
  const source = await request.images(classifier);
  const read = await source.read(0, source.count, signal);
  const clean = { ...read, data: roundToLevels(read.data) };
  const examples: Examples[] = [];
  for (const [i, { key, attack, parameters, channel }] of variants.entries()) {
    const adversarial: ImageBatch = { ...clean, data: new Float32Array(clean.data.length) };
    const size = clean.data.length / clean.count;
    const result = await runDigital({
      attack,
      classifier,
      source,
      parameters,
      ...(channel === undefined ? {} : { channel, throughChannel: false }),
      ...(seed === undefined ? {} : { seed }),
      ...(signal === undefined ? {} : { signal }),
      onProgress: (done, total) => report(i + done / total, `${key} on ${name}`),
      onBatch: ({ start, rounded }) => adversarial.data.set(rounded.data, start * size),
    });
    const { gradients, queries } = result.spent;
    spent.push({ source: name, variant: key, gradients, queries });
    examples.push({ source: name, variant: key, adversarial });
  }
  return { name, clean, labels: source.labels, examples };
}

/** What a model says of every set of files: the clean ones by their source, the adversarial ones by themselves. */
async function show(
  classifier: Classifier,
  sets: readonly SourceSet[],
  signal: AbortSignal | undefined,
): Promise<Map<Examples | SourceSet, Verdict[]>> {
  const verdicts = new Map<Examples | SourceSet, Verdict[]>();
  for (const set of sets) {
    verdicts.set(set, await classify(classifier, set.clean, set.labels, signal));
    for (const examples of set.examples) {
      verdicts.set(examples, await classify(classifier, examples.adversarial, set.labels, signal));
    }
  }
  return verdicts;
}

async function classify(
  classifier: Classifier,
  images: ImageBatch,
  labels: Int32Array,
  signal: AbortSignal | undefined,
): Promise<Verdict[]> {
  throwIfCancelled(signal);
  const sized = await resizeImages(images, classifier.input);
  const logits = await finiteLogits(classifier, sized, signal === undefined ? {} : { signal });
  return verdictsOf(logits, classifier.classes, labels);
}
