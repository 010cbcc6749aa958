import {
  type Attack,
  type Criterion,
  parseParameters,
  roundToLevels,
  seeded,
  sliceCriterion,
  targeted,
  throwIfCancelled,
  untargeted,
} from '@halftone/sdk';
import type { ImageSource } from '../data/source.ts';
import {
  checkCriterion,
  checkNeeds,
  defaultBatch,
  type Intermediate,
  runAttack,
} from '../registry/attack-host.ts';
import { withinLimit } from '../registry/limit.ts';
import { behindStages, type Stage } from '../registry/stages.ts';
import { loadTensors } from '../registry/tensors.ts';
import { checkLabels } from '../runtime/checks.ts';
import type { Classifier, ImageBatch } from '../runtime/classifier-types.ts';
import { finiteLogits } from './accuracy.ts';
import { digest, type KeptBatch, type KeptBatches, type RunIdentity } from './kept.ts';
import { type Both, Comparison, type Tallied, Tally } from './tally.ts';

/** One attack on one set of images, measured without print or camera. */
export interface DigitalRequest {
  readonly attack: Attack;
  readonly classifier: Classifier;
  readonly source: ImageSource;
  /** Wanted classes, one an image; without them any class but the label is success. */
  readonly targets?: Int32Array;
  /** As given by the user. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Before the model, in this order, whenever it is measured. */
  readonly defenses?: readonly Stage[];
  /** The attack sees the defences too, and its gradients go through them; false by default. */
  readonly aware?: boolean;
  /** What images go through on their way to the defences and the model; an attack sees it where it needs one. */
  readonly channel?: Stage;
  /** What comes through the channel is measured too; true by default. */
  readonly throughChannel?: boolean;
  readonly seed?: number;
  /** Images at once. */
  readonly batch?: number;
  /** The longest that the run may take; no limit by default. */
  readonly limitSeconds?: number;
  readonly signal?: AbortSignal;
  /** Where finished batches are kept, and found when the run goes on. */
  readonly kept?: KeptBatches;
  readonly onProgress?: (done: number, total: number) => void;
  /** Takes each batch when it is measured: to write its images, say. The next one waits for it. */
  readonly onBatch?: (batch: DigitalBatch) => Promise<void> | void;
  /** Takes the images that the attack shows on its way. */
  readonly onIntermediate?: (shown: Intermediate) => void;
}

export interface DigitalBatch {
  /** Number of its first image in the set. */
  readonly start: number;
  readonly images: ImageBatch;
  readonly raw: ImageBatch;
  readonly rounded: ImageBatch;
}

/** A stage as a report names it. */
export interface NamedStage {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What was measured; through the defences where there are any. */
export interface DigitalResult extends Tallied {
  readonly count: number;
  /** What counted as success. */
  readonly criterion: Criterion['kind'];
  /** The parameters as used, defaults filled in. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The defences, whether the attack saw them, and the same images before the bare model. */
  readonly defense?: {
    readonly stages: readonly NamedStage[];
    readonly aware: boolean;
    readonly undefended: Both;
  };
  /** The channel, and the same images through it (and the defences), one passage each. */
  readonly channel?: NamedStage & Both;
  /** Wall time of attack and measurement together, with decoding; of all sittings of a run that was resumed. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** What may mislead in these numbers. */
  readonly warnings: readonly string[];
}

/**
 * Attacks a set of images batch by batch and measures the classifier on the images before and after.
 * The next batch is decoded while one is attacked. Throws as `runAttack` and as the source does, and `time-limit`.
 */
export async function runDigital(request: DigitalRequest): Promise<DigitalResult> {
  const { limitSeconds: seconds, signal, attack, source } = request;
  check(request);
  const { tf } = await loadTensors();
  const limit = { seconds, signal };
  return withinLimit(limit, `attack '${attack.name}' on ${source.count} images`, (signal) =>
    new DigitalRun({ ...request, signal }, tf).run(),
  );
}

/** What decides what the run makes, for `openKept`: everything but the model and the images, which the caller names. */
export function identityOf(request: DigitalRequest): RunIdentity {
  const { attack, source, targets, seed = 0, aware = false, defenses = [], channel } = request;
  return {
    attack: attack.name,
    parameters: parseParameters(attack.parameters, request.parameters, attack.name),
    criterion: targets === undefined ? 'untargeted' : 'targeted',
    classes: digest({ data: targets ?? source.labels }),
    count: source.count,
    seed,
    batch: batchOf(request),
    defenses: aware ? defenses.map(nameStage) : [],
    channel: channel === undefined || !attack.needs?.includes('channel') ? null : nameStage(channel),
  };
}

function check(request: DigitalRequest): void {
  const { attack, classifier, source, channel } = request;
  checkLabels(source.labels, source.count, classifier.classes);
  checkCriterion(attack, criterionOf(request), classifier.classes, source.count);
  checkNeeds(attack, channel);
}

function criterionOf({ source, targets }: DigitalRequest): Criterion {
  return targets === undefined ? untargeted(source.labels) : targeted(targets);
}

/** An attack whose images depend on each other gets them all at once. */
function batchOf({ attack, source, batch, classifier }: DigitalRequest): number {
  return attack.scope === 'set' ? source.count : (batch ?? defaultBatch(classifier.input));
}

function nameStage({ plugin, parameters }: Stage): NamedStage {
  return { name: plugin.name, parameters };
}

type RunRequest = DigitalRequest & { readonly signal: AbortSignal };

/** A run, batch by batch. */
class DigitalRun {
  readonly #request: RunRequest;
  readonly #tf: Awaited<ReturnType<typeof loadTensors>>['tf'];
  readonly #parameters: Readonly<Record<string, unknown>>;
  readonly #tally: Tally;
  readonly #undefended: Comparison;
  readonly #throughChannel: Comparison;
  #secondsBefore = 0;

  constructor(request: RunRequest, tf: Awaited<ReturnType<typeof loadTensors>>['tf']) {
    const { attack, classifier, parameters } = request;
    this.#request = request;
    this.#tf = tf;
    this.#parameters = parseParameters(attack.parameters, parameters, attack.name);
    this.#tally = new Tally(classifier.classes);
    this.#undefended = new Comparison(classifier.classes);
    this.#throughChannel = new Comparison(classifier.classes);
  }

  async run(): Promise<DigitalResult> {
    const { source, signal } = this.#request;
    const started = performance.now();
    const batch = batchOf(this.#request);
    let next = this.#read(0, batch);
    for (let start = 0; start < source.count; start += batch) {
      throwIfCancelled(signal);
      const images = await next;
      if (start + batch < source.count) next = this.#read(start + batch, batch);
      await this.#doBatch(start, images);
    }
    return this.#result((performance.now() - started) / 1000 + this.#secondsBefore);
  }

  #read(start: number, batch: number): Promise<ImageBatch> {
    const { source, signal } = this.#request;
    const reading = source.read(start, Math.min(start + batch, source.count), signal);
    // When the attack fails first nobody awaits this; its own failure must not end the process then.
    reading.catch(() => {});
    return reading;
  }

  async #doBatch(start: number, images: ImageBatch): Promise<void> {
    const { source, kept, onBatch, onProgress } = this.#request;
    const before = await kept?.read(start, images);
    const outcome = before ?? (await this.#attack(start, images));
    if (before === undefined) await kept?.write(start, images, outcome);
    else this.#secondsBefore += before.seconds;
    const { raw } = outcome;
    const rounded = { ...raw, data: roundToLevels(raw.data) };
    await this.#measure(start, images, rounded, outcome);
    await onBatch?.({ start, images, raw, rounded });
    onProgress?.(start + images.count, source.count);
  }

  async #attack(start: number, images: ImageBatch): Promise<KeptBatch> {
    const { attack, source, parameters, seed, signal, channel, aware } = this.#request;
    const { onProgress, onIntermediate } = this.#request;
    const started = performance.now();
    const { raw, spent, violations } = await runAttack({
      attack,
      classifier: aware ? this.#behind(this.#defenses, 'attack', start) : this.#request.classifier,
      images,
      criterion: sliceCriterion(criterionOf(this.#request), start, start + images.count),
      parameters,
      batch: images.count,
      first: start,
      signal,
      ...(seed === undefined ? {} : { seed }),
      ...(channel === undefined ? {} : { channel }),
      ...(onIntermediate === undefined ? {} : { onIntermediate }),
      onProgress: (done) => onProgress?.(start + done, source.count),
    });
    return { raw, spent, violations, seconds: (performance.now() - started) / 1000 };
  }

  get #defenses(): readonly Stage[] {
    return this.#request.defenses ?? [];
  }

  /** Streams follow the batch's place, so that a run that goes on draws what it would have drawn. */
  #behind(stages: readonly Stage[], purpose: string, start: number): Classifier {
    const { classifier, seed = 0 } = this.#request;
    if (stages.length === 0) return classifier;
    const random = seeded(seed).derive('stages').derive(purpose).derive(start);
    return behindStages(classifier, stages, { tf: this.#tf, random });
  }

  /** The channel that images are measured through. */
  get #measuredChannel(): Stage | undefined {
    const { channel, throughChannel = true } = this.#request;
    return throughChannel ? channel : undefined;
  }

  async #measure(start: number, images: ImageBatch, rounded: ImageBatch, outcome: KeptBatch): Promise<void> {
    const { source, classifier } = this.#request;
    const channel = this.#measuredChannel;
    const labels = source.labels.subarray(start, start + images.count);
    const ask = async (model: Classifier) => {
      const options = { signal: this.#request.signal };
      const clean = await finiteLogits(model, images, options);
      return { clean, adversarial: await finiteLogits(model, rounded, options) };
    };
    const defended = await ask(this.#behind(this.#defenses, 'measure', start));
    this.#tally.add({ labels, ...defended, images, rounded, outcome });
    if (this.#defenses.length > 0) {
      const { clean, adversarial } = await ask(classifier);
      this.#undefended.add(labels, clean, adversarial);
    }
    if (channel !== undefined) {
      const { clean, adversarial } = await ask(this.#behind([channel, ...this.#defenses], 'channel', start));
      this.#throughChannel.add(labels, clean, adversarial);
    }
  }

  #result(seconds: number): DigitalResult {
    const { source, targets, aware = false } = this.#request;
    const channel = this.#measuredChannel;
    const stages = this.#defenses.map(nameStage);
    return {
      count: source.count,
      criterion: targets === undefined ? 'untargeted' : 'targeted',
      parameters: this.#parameters,
      ...this.#tally.result(targets),
      ...(stages.length === 0 ? {} : { defense: { stages, aware, undefended: this.#undefended.result() } }),
      ...(channel === undefined
        ? {}
        : { channel: { ...nameStage(channel), ...this.#throughChannel.result() } }),
      seconds,
      imagesPerSecond: source.count / seconds,
      warnings: [
        ...this.#tally.warnings(),
        ...(stages.length > 0 && !aware
          ? ['the attack did not know the defence; one that does may get through it']
          : []),
      ],
    };
  }
}
