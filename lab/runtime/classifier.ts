import { basename } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { differentiate, FEEDS, type Loss } from '../autodiff/index.ts';
import { readModelFile, writeModel } from '../graph/index.ts';
import type { Tensor } from '../graph/ir.ts';
import { loadCard, type ModelCard } from './card.ts';
import { checkImages, checkLabels } from './checks.ts';
import type {
  Classifier,
  GradientRequest,
  GradientResult,
  ImageBatch,
  LossSpec,
} from './classifier-types.ts';
import { createRuntime, type Runtime, type RuntimeOptions, type Session } from './index.ts';
import { batchThatFits, bytesPerImage } from './memory.ts';
import { IMAGES, type PreparedModel, prepareModel } from './prepare.ts';

/**
 * Opens an ONNX file as a classifier, with the card that lies beside it if there is one.
 *
 * @throws HalftoneError for a file that can't be read or is no image classifier, or when no provider works
 */
export async function openClassifier(path: string, options: RuntimeOptions = {}): Promise<Classifier> {
  const [graph, card] = [await readModelFile(path), await loadCard(path)];
  const model = prepareModel(graph, basename(path).replace(/\.onnx$/i, ''), card);
  return new OnnxClassifier(model, await createRuntime(options));
}

/** Gradient graphs kept ready, one for each loss; each holds the weights once more. */
const MOST_GRADIENT_SESSIONS = 4;

class OnnxClassifier implements Classifier {
  readonly #model: PreparedModel;
  readonly #runtime: Runtime;
  #forward: Promise<Session> | undefined;
  readonly #gradients = new Map<string, Promise<GradientSession>>();

  constructor(model: PreparedModel, runtime: Runtime) {
    this.#model = model;
    this.#runtime = runtime;
  }

  get card(): ModelCard {
    return this.#model.card;
  }

  get classes(): number {
    return this.#model.classes;
  }

  get input(): Classifier['input'] {
    return this.#model.input;
  }

  get provider(): string {
    return this.#runtime.provider.description;
  }

  async logits(
    images: ImageBatch,
    options: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
  ): Promise<Float32Array> {
    checkImages(images, this.input);
    const session = await this.#forwardSession();
    const result = new Float32Array(images.count * this.classes);
    const most = this.#batch(bytesPerImage(this.#model.graph, 'forward'));
    await this.#chunks(images, most, options.signal, async (chunk, start, used) => {
      const outputs = await session.run({ [IMAGES]: chunk }, { transfer: true, ...signalOf(options.signal) });
      const logits = outputs[this.#model.logits]!.data as Float32Array;
      result.set(logits.subarray(0, used * this.classes), start * this.classes);
      options.onProgress?.(start + used, images.count);
    });
    return result;
  }

  async gradient(request: GradientRequest): Promise<GradientResult> {
    const { images, labels, signal } = request;
    checkImages(images, this.input);
    const loss = lossOf(request.loss, request.targeted ?? false);
    checkLabels(labels, images.count, this.classes);
    const { session, names, bytes } = await this.#gradientSession(loss);
    const result: GradientResult = {
      logits: new Float32Array(images.count * this.classes),
      losses: new Float32Array(images.count),
      gradients: new Float32Array(images.data.length),
    };
    const weight = request.reduction === 'mean' ? 1 / images.count : 1;
    const pixels = images.data.length / images.count;
    await this.#chunks(images, this.#batch(bytes), signal, async (chunk, start, used) => {
      const feeds = {
        [IMAGES]: chunk,
        ...this.#lossFeeds(request, loss, start, used, chunk.dims[0]!, weight),
      };
      const outputs = await session.run(feeds, { transfer: true, ...signalOf(signal) });
      const take = (name: string, to: Float32Array, row: number): void =>
        to.set((outputs[name]!.data as Float32Array).subarray(0, used * row), start * row);
      take(names.logits, result.logits, this.classes);
      take(names.loss, result.losses, 1);
      take(names.gradient, result.gradients, pixels);
    });
    return result;
  }

  async close(): Promise<void> {
    await this.#runtime.close();
  }

  /** What a loss takes beside the images; rows that only fill up a fixed batch weigh nothing. */
  #lossFeeds(
    request: GradientRequest,
    loss: Loss,
    start: number,
    used: number,
    rows: number,
    weight: number,
  ): Record<string, Tensor> {
    const weights = new Float32Array(rows).fill(weight, 0, used);
    const feeds: Record<string, Tensor> = {
      [FEEDS.weights]: { dtype: 'float32', dims: [rows], data: weights },
    };
    if (loss.kind === 'mse' || loss.kind === 'cotangent') {
      const name = loss.kind === 'mse' ? FEEDS.target : FEEDS.cotangent;
      const { cotangent } = request;
      if (cotangent?.length !== request.images.count * this.classes) {
        throw new HalftoneError('bad-argument', `the loss '${loss.kind}' needs images×classes numbers`);
      }
      const data = new Float32Array(rows * this.classes);
      data.set(cotangent.subarray(start * this.classes, (start + used) * this.classes));
      feeds[name] = { dtype: 'float32', dims: [rows, this.classes], data };
    } else {
      const labels = new Int32Array(rows);
      labels.set(request.labels.subarray(start, start + used));
      feeds[FEEDS.labels] = { dtype: 'int32', dims: [rows], data: labels };
    }
    return feeds;
  }

  #batch(bytes: number): number {
    return this.#model.fixedBatch ?? batchThatFits(bytes);
  }

  /** Runs `work` on batches of at most `most` images, in order; a fixed batch is filled up with zeros. */
  async #chunks(
    images: ImageBatch,
    most: number,
    signal: AbortSignal | undefined,
    work: (chunk: Tensor, start: number, used: number) => Promise<void>,
  ): Promise<void> {
    const { height, width, channels, count } = images;
    const pixels = height * width * channels;
    // Even batches: 40 images with room for 32 go as 20 and 20.
    const size = this.#model.fixedBatch ?? Math.ceil(count / Math.ceil(count / most));
    for (let start = 0; start < count; start += size) {
      if (signal?.aborted) throw new HalftoneError('cancelled', 'cancelled');
      const used = Math.min(size, count - start);
      const rows = this.#model.fixedBatch ?? used;
      const data = new Float32Array(rows * pixels);
      data.set(images.data.subarray(start * pixels, (start + used) * pixels));
      await work({ dtype: 'float32', dims: [rows, height, width, channels], data }, start, used);
    }
  }

  async #forwardSession(): Promise<Session> {
    const current = await this.#forward;
    if (current?.alive) return current;
    this.#forward = this.#runtime.load(writeModel(this.#model.graph), { name: this.card.name });
    // A load that failed is tried again at the next call.
    this.#forward.catch(() => {
      this.#forward = undefined;
    });
    return this.#forward;
  }

  async #gradientSession(loss: Loss): Promise<GradientSession> {
    const key = JSON.stringify(loss);
    const known = await this.#gradients.get(key);
    if (known?.session.alive) return known;
    const made = this.#loadGradient(loss);
    this.#gradients.delete(key);
    this.#gradients.set(key, made);
    made.catch(() => this.#gradients.delete(key));
    const [oldest] = this.#gradients.keys();
    if (this.#gradients.size > MOST_GRADIENT_SESSIONS && oldest !== undefined) {
      const dropped = this.#gradients.get(oldest);
      this.#gradients.delete(oldest);
      await dropped?.then(({ session }) => session.release());
    }
    return made;
  }

  async #loadGradient(loss: Loss): Promise<GradientSession> {
    const target = this.#runtime.provider.name === 'cpu' ? 'cpu' : 'gpu';
    const derived = differentiate(this.#model.graph, { loss, wrt: [IMAGES], traits: { target } });
    const session = await this.#runtime.load(writeModel(derived.graph), {
      name: `the gradient of ${this.card.name}`,
    });
    const gradient = derived.gradients.get(IMAGES)!;
    return {
      session,
      names: { logits: derived.output, loss: derived.loss, gradient },
      bytes: bytesPerImage(derived.graph, 'gradient'),
    };
  }
}

interface GradientSession {
  readonly session: Session;
  readonly names: { readonly logits: string; readonly loss: string; readonly gradient: string };
  /** Memory that one image's intermediate values need at most. */
  readonly bytes: number;
}

function signalOf(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** The engine's loss for a request's; only those of differences of logits know targets. */
function lossOf(spec: LossSpec, targeted: boolean): Loss {
  return spec.kind === 'margin' || spec.kind === 'logit-difference' ? { ...spec, targeted } : spec;
}
