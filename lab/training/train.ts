import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { writeAtomic } from '../data/atomic.ts';
import { makeFolder } from '../data/folders.ts';
import { lockFolder } from '../data/lock.ts';
import type { DataSet, LabelledBatch } from '../data/sets/types.ts';
import type { Proportion } from '../experiments/metrics.ts';
import type { Runtime } from '../runtime/index.ts';
import {
  type Adversary,
  type ImageGradient,
  imageTensor,
  movedTensor,
  openImageGradient,
  type WeightedBatch,
} from './adversary.ts';
import { augmenter } from './augment.ts';
import { type Augment, Batches, holdOut, type Parts, type PreparedBatch } from './batches.ts';
import { type BuiltNetwork, buildNetwork, INPUT } from './build.ts';
import { type EpochReport, writeCheckpoint } from './checkpoint.ts';
import { countAccuracy, countRight } from './evaluate.ts';
import { exportModel } from './export.ts';
import { BEST, LAST, readBest, resumable } from './folder.ts';
import type { Recipe } from './recipe.ts';
import { TrainingState } from './state.ts';
import { labelFeeds, openStep, type Step, type StepResult } from './step.ts';

/** How far a training is, after a step. */
export interface TrainingReport {
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Optimizer steps done, and to do in all. */
  readonly step: number;
  readonly steps: number;
  /** Mean over the epoch so far. */
  readonly loss: number;
  /** Share of the epoch's training images so far that were classified right when they came. */
  readonly accuracy: number;
  readonly rate: number;
  /** By the pace since the training was last started. */
  readonly secondsLeft: number;
  /** The epoch that this step ended. */
  readonly ended?: EpochReport;
}

export interface TrainOptions {
  readonly runtime: Runtime;
  /** Where checkpoints and the model go; made where it isn't there. */
  readonly folder: string;
  /** Go on from the folder's last checkpoint. */
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (report: TrainingReport) => void;
  /** In place of the recipe's. */
  readonly augment?: Augment;
  readonly adversary?: Adversary;
  /** Time between checkpoints within an epoch; 60 by default. Every epoch ends with one. */
  readonly checkpointSeconds?: number;
}

/** What came of a training. */
export interface TrainingResult {
  /** The ONNX file; its card lies beside it. */
  readonly model: string;
  readonly history: readonly EpochReport[];
  /** The epoch whose weights were written: the best by validation accuracy, the last where nothing is validated. */
  readonly epoch: number;
  /** On the test split. */
  readonly accuracy: Proportion;
}

/**
 * Trains a network by a recipe. On the CPU provider the same recipe and data give the same weights, whether or not
 * the training was interrupted and resumed.
 *
 * Hooks are no part of the recipe (its `defense` names one): whoever resumes hands in the same ones.
 *
 * @throws HalftoneError `cancelled` (after a checkpoint), `not-finite` for a loss that is NaN or infinite (the last
 *   good checkpoint stays), `bad-argument` for a folder in use or a network that doesn't fit the data, `bad-file`
 *   for checkpoints that can't be read or written
 */
export async function train(recipe: Recipe, data: DataSet, options: TrainOptions): Promise<TrainingResult> {
  const { folder, adversary } = options;
  if (recipe.defense !== undefined && adversary === undefined) {
    const text = `the recipe '${recipe.name}' trains with the defence '${recipe.defense.name}', which isn't at hand here`;
    throw new HalftoneError('bad-argument', text);
  }
  await makeFolder(folder);
  const unlock = await lockFolder(folder, 'training');
  try {
    const checkpoint = await resumable(folder, recipe, options.resume ?? false);
    const network = trainingNetwork(recipe, data);
    const state = new TrainingState(recipe, network, checkpoint);
    if (!checkpoint) await writeAtomic(join(folder, 'recipe.json'), `${JSON.stringify(recipe, null, 2)}\n`);
    const training = await Training.open(recipe, data, options, network, state);
    try {
      await training.run();
    } finally {
      await training.close();
    }
    return await finish(recipe, data, options, network, state);
  } finally {
    await unlock();
  }
}

function trainingNetwork(recipe: Recipe, data: DataSet): BuiltNetwork {
  const { seed } = recipe;
  const network = buildNetwork(recipe.network, { mode: 'training', layout: 'nhwc', input: data, seed });
  const shape = network.graph.outputs[0]!.shape!;
  if (shape.length === 2 && shape[1] === data.classes.length) return network;
  const wanted = `${data.name} has ${data.classes.length} classes`;
  throw new HalftoneError('bad-argument', `the network ends in ${shape.join('×')}, ${wanted}`);
}

/** Writes the weights that count as a model. */
async function finish(
  recipe: Recipe,
  data: DataSet,
  { folder, runtime, signal }: TrainOptions,
  network: BuiltNetwork,
  state: TrainingState,
): Promise<TrainingResult> {
  const { weights, epoch } = await readBest(folder, recipe, network, state);
  const { model, accuracy } = await exportModel(folder, recipe, data, weights, {
    runtime,
    epochs: epoch,
    signal,
  });
  return { model, history: state.progress.history, epoch, accuracy };
}

/** The loop over epochs and steps. */
class Training {
  readonly #recipe: Recipe;
  readonly #data: DataSet;
  readonly #options: TrainOptions;
  readonly #state: TrainingState;
  readonly #parts: Parts;
  readonly #batches: Batches;
  readonly #step: Step;
  readonly #imageGradient: ImageGradient | undefined;
  readonly #trained: readonly string[];
  readonly #begun = { ms: performance.now(), step: 0 };
  #savedMs = performance.now();

  static async open(
    recipe: Recipe,
    data: DataSet,
    options: TrainOptions,
    network: BuiltNetwork,
    state: TrainingState,
  ): Promise<Training> {
    const { runtime, adversary } = options;
    const step = await openStep(runtime, network.graph, {
      loss: { kind: 'cross-entropy', smoothing: recipe.labelSmoothing },
      wrt: network.trained,
      count: recipe.batch,
      fetches: network.statistics.flatMap(({ batchMean, batchVariance }) => [batchMean, batchVariance]),
    });
    const gradient = adversary ? await openImageGradient(runtime, recipe.network, data) : undefined;
    return new Training(recipe, data, options, network, state, step, gradient);
  }

  constructor(
    recipe: Recipe,
    data: DataSet,
    options: TrainOptions,
    network: BuiltNetwork,
    state: TrainingState,
    step: Step,
    imageGradient: ImageGradient | undefined,
  ) {
    this.#recipe = recipe;
    this.#data = data;
    this.#options = options;
    this.#state = state;
    this.#step = step;
    this.#imageGradient = imageGradient;
    this.#trained = network.trained;
    const { train: split } = data.splits;
    const { seed, batch: size, validation = 0 } = recipe;
    this.#parts = holdOut(split, validation, seed);
    const augment = options.augment ?? (recipe.augment && augmenter(recipe.augment));
    this.#batches = new Batches(split, this.#parts.training, { size, seed, masks: network.masks, augment });
    this.#begun.step = state.progress.step;
  }

  get #totalSteps(): number {
    return this.#recipe.epochs * this.#batches.stepsPerEpoch;
  }

  async run(): Promise<void> {
    // What stays when the first steps fail.
    if (this.#state.progress.step === 0) await this.#save();
    let next = this.#prefetch(this.#state.progress.step);
    while (this.#state.progress.step < this.#totalSteps && !this.#outOfPatience()) {
      await this.#stopIfCancelled();
      const { step } = this.#state.progress;
      const prepared = await next!;
      const running = this.#runStep(prepared, step);
      next = this.#prefetch(step + 1);
      await this.#take(await running);
    }
  }

  async close(): Promise<void> {
    await this.#step.release();
    await this.#imageGradient?.release();
  }

  /** Reads the next batch while the engine is at work on this one. */
  #prefetch(step: number): Promise<PreparedBatch> | undefined {
    if (step >= this.#totalSteps) return undefined;
    const prepared = this.#batches.prepare(step);
    // It is awaited when its step comes; should the training stop before, nobody asks for it.
    prepared.catch(() => undefined);
    return prepared;
  }

  async #runStep({ batch, own, masks }: PreparedBatch, step: number): Promise<Taken> {
    const attacked = await this.#attacked(batch, step);
    const { images, labels } = attacked;
    const move = own && this.#options.adversary === undefined;
    const isAsMany = labels.length === batch.labels.length;
    const feeds = {
      [INPUT]: move ? movedTensor(images) : imageTensor(images),
      ...this.#state.feeds(this.#trained),
      ...labelFeeds(labels, attacked.weights ?? 1 / labels.length),
      ...(isAsMany ? masks : this.#batches.masks(step, labels.length)),
    };
    const result = await this.#step.run(feeds, (back) => {
      this.#state.recycle(back);
      if (move) this.#batches.recycle(back[INPUT]!.data as Float32Array);
    });
    return { result, labels };
  }

  async #attacked(batch: LabelledBatch, step: number): Promise<WeightedBatch> {
    const { adversary } = this.#options;
    const source = this.#imageGradient;
    if (!adversary || !source) return batch;
    const gradient = (asked: LabelledBatch) => source.run(asked, this.#state.feeds(source.weights));
    return adversary(batch, { gradient, random: this.#batches.random(step).derive('adversary') });
  }

  /** Learns from a step's gradients, tells of it, saves where it is time. */
  async #take({ result, labels }: Taken): Promise<void> {
    const lossSum = result.losses.reduce((sum, loss) => sum + loss, 0);
    if (!Number.isFinite(lossSum)) throw this.#notFinite(`the loss is ${lossSum}`);
    const { stepsPerEpoch } = this.#batches;
    const rate = this.#state.update(result, { stepsPerEpoch, totalSteps: this.#totalSteps });
    const { progress } = this.#state;
    const seen = progress.seen + labels.length;
    const right = progress.right + countRight(result.output, labels);
    this.#state.progress = { ...progress, lossSum: progress.lossSum + lossSum, seen, right };
    const summary = { loss: this.#state.progress.lossSum / seen, accuracy: right / seen };
    const ended = progress.step % stepsPerEpoch === 0 ? await this.#endEpoch(summary) : undefined;
    if (!ended && performance.now() - this.#savedMs > 1000 * (this.#options.checkpointSeconds ?? 60)) {
      await this.#save();
    }
    this.#tell(summary, rate, ended);
  }

  async #endEpoch(summary: { loss: number; accuracy: number }): Promise<EpochReport> {
    const { history, step } = this.#state.progress;
    const validation = await this.#validate();
    const ended: EpochReport = {
      epoch: step / this.#batches.stepsPerEpoch,
      ...summary,
      ...(validation === undefined ? {} : { validation }),
    };
    const best = Math.max(-1, ...history.map((epoch) => epoch.validation ?? -1));
    this.#state.progress = { step, lossSum: 0, seen: 0, right: 0, history: [...history, ended] };
    // The best first: were we stopped in between, the last checkpoint would go through this epoch's end again.
    if (validation !== undefined && validation > best) await this.#save(BEST);
    await this.#save();
    return ended;
  }

  /** Accuracy on the validation images; undefined where there are none. */
  async #validate(): Promise<number | undefined> {
    const { validation } = this.#parts;
    if (validation.length === 0) return undefined;
    this.#checkWeights();
    // With its weights as constants: ONNX Runtime lays those out once and runs faster than the training graph.
    const { network } = this.#recipe;
    const { weights } = this.#state;
    const { graph } = buildNetwork(network, {
      mode: 'inference',
      layout: 'nhwc',
      input: this.#data,
      weights,
    });
    // Not to be cancelled: a checkpoint of the epoch's last step without its report would lose the report.
    return (await countAccuracy(this.#options.runtime, graph, this.#data.splits.train, validation)).share;
  }

  #outOfPatience(): boolean {
    const { patience } = this.#recipe;
    if (patience === undefined) return false;
    const { history } = this.#state.progress;
    const best = Math.max(-1, ...history.map(({ validation }) => validation ?? -1));
    const since = history.length - 1 - history.findIndex(({ validation }) => validation === best);
    return history.length > 0 && since >= patience;
  }

  async #stopIfCancelled(): Promise<void> {
    if (!this.#options.signal?.aborted) return;
    await this.#save();
    const { step } = this.#state.progress;
    throw new HalftoneError('cancelled', `cancelled after step ${step}; it can be resumed from there`);
  }

  async #save(name = LAST): Promise<void> {
    this.#checkWeights();
    await writeCheckpoint(join(this.#options.folder, name), this.#state.checkpoint());
    this.#savedMs = performance.now();
  }

  #checkWeights(): void {
    const broken = this.#state.brokenWeight();
    if (broken !== undefined) throw this.#notFinite(`the weight '${broken}' is no longer finite`);
  }

  #notFinite(what: string): HalftoneError {
    const { step } = this.#state.progress;
    const epoch = Math.floor(step / this.#batches.stepsPerEpoch) + 1;
    const where = `at step ${step + 1} (epoch ${epoch})`;
    const kept = `the last good checkpoint stays in ${this.#options.folder}`;
    return new HalftoneError('not-finite', `${what} ${where}: try a lower learning rate; ${kept}`);
  }

  #tell(summary: { loss: number; accuracy: number }, rate: number, ended: EpochReport | undefined): void {
    const { step } = this.#state.progress;
    const { stepsPerEpoch } = this.#batches;
    const seconds = (performance.now() - this.#begun.ms) / 1000;
    const secondsLeft = (seconds / (step - this.#begun.step)) * (this.#totalSteps - step);
    this.#options.onProgress?.({
      epoch: Math.floor((step - 1) / stepsPerEpoch) + 1,
      epochs: this.#recipe.epochs,
      step,
      steps: this.#totalSteps,
      ...summary,
      rate,
      secondsLeft,
      ...(ended === undefined ? {} : { ended }),
    });
  }
}

interface Taken {
  readonly result: StepResult;
  readonly labels: Int32Array;
}
