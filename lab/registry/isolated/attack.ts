import {
  type Access,
  type Attack,
  type AttackContext,
  type Criterion,
  classesOf,
  defineAttack,
  type Gradient,
  HalftoneError,
  imagesOf,
  type ParameterSchema,
  type ScoreModel,
  type TensorFlow,
  type Transformed,
  valuesOf,
  type WhiteBoxModel,
} from '@halftone/sdk';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { parseWith } from '../../data/schema.ts';
import { schemaOf } from './description.ts';
import { attackDescription, type IncomingQuestion } from './messages.ts';
import type { IsolatedPlugin } from './plugin.ts';
import { BadQuestion } from './process.ts';
import { madeTensor, pluginError } from './results.ts';
import type { Answer, AttackOrder, WireArray } from './wire.ts';

type Shape4 = Tensor4D['shape'];
type Context = AttackContext<Access, ParameterSchema>;
interface Answered {
  readonly answer: Answer;
  readonly arrays: readonly WireArray[];
}

/** Most bytes that an attack may hand over at once; a batch of its own size always fits. */
const MOST_BYTES = 256 << 20;

/** An attack that stands for one in a plugin's process. Throws `bad-plugin` for a description that isn't one. */
export function isolatedAttack(plugin: IsolatedPlugin, description: unknown): Attack {
  const {
    functions,
    defaults,
    apiVersion: _,
    kind: __,
    ...described
  } = parseWith(attackDescription, description, `plugin '${plugin.name}'`, 'bad-plugin');
  if (!functions.includes('run'))
    throw new HalftoneError('bad-plugin', `plugin '${plugin.name}': it has no run`);
  const definition = { ...described, parameters: schemaOf(plugin, described.parameters, defaults) };
  return defineAttack({
    ...(withoutUndefined(definition) as typeof definition),
    run: (context: Context) => run(plugin, definition.access, context),
  } as unknown as Parameters<typeof defineAttack>[0]) as Attack;
}

function withoutUndefined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
}

async function run(plugin: IsolatedPlugin, access: Access, context: Context): Promise<Tensor4D> {
  const { tf, images, criterion, model, signal } = context;
  const order: AttackOrder = {
    type: 'attack',
    shape: images.shape,
    criterion: criterion.kind,
    classes: model.classes,
    input: model.input,
    access,
    parameters: context.parameters,
    random: context.random.words,
    randoms: context.randoms.map(({ words }) => words),
  };
  const sent = valuesOf(images);
  const service = new Service(context, access);
  try {
    const { outcome, arrays } = await plugin.order(
      order,
      [sent, classesOf(criterion)],
      {
        mostBytes: Math.max(MOST_BYTES, sent.byteLength),
        answer: (question, given) => service.answer(question, given),
        notice: (notice, [values]) => {
          if (notice.type === 'progress') context.progress(notice.fraction);
          else service.report(notice.shape, values);
        },
      },
      signal,
    );
    return madeTensor(tf, `attack '${plugin.name}'`, images.shape, outcome, arrays);
  } catch (error) {
    throw pluginError(error);
  } finally {
    service.close();
  }
}

/** Answers an attack's questions out of the context that the host made for it. */
class Service {
  readonly #context: Context;
  readonly #tf: TensorFlow;
  readonly #access: Access;
  readonly #passages = new Map<number, Transformed>();
  #handle = 0;

  constructor(context: Context, access: Access) {
    this.#context = context;
    this.#tf = context.tf;
    this.#access = access;
  }

  async answer(question: IncomingQuestion, arrays: readonly WireArray[]): Promise<Answered> {
    if (question.type === 'leave') return this.#leave(question.handle);
    const images = this.#imagesOf(question.shape, arrays[0]);
    try {
      if (question.type === 'pull') return await this.#pull(question.handle, images);
      if (question.type === 'channel') return await this.#pass(question, images);
      return await this.#ask(question, images, arrays[1]);
    } finally {
      images.dispose();
    }
  }

  report(shape: readonly number[], values: WireArray | undefined): void {
    const images = this.#imagesOf(shape, values);
    this.#context.report(images);
    images.dispose();
  }

  /** Gives back what was never left. */
  close(): void {
    for (const handle of this.#passages.keys()) this.#leave(handle);
  }

  async #ask(
    question: Exclude<IncomingQuestion, { type: 'leave' | 'pull' | 'channel' }>,
    images: Tensor4D,
    second: WireArray | undefined,
  ): Promise<Answered> {
    const { model } = this.#context;
    if (question.type === 'labels') {
      const labels = await model.labels(images);
      return { answer: { type: 'answer', shapes: [[labels.length]] }, arrays: [labels] };
    }
    if (!permits(this.#access, question.type)) {
      throw new BadQuestion(`it asked for ${question.type}, and its access is ${this.#access}`);
    }
    if (question.type === 'backward') {
      const count = images.shape[0];
      if (!(second instanceof Float32Array) || second.length !== count * model.classes) {
        throw new BadQuestion('it sent a cotangent of another size than the logits');
      }
      const cotangent = this.#tf.tensor2d(second, [count, model.classes]);
      return taken([await (model as WhiteBoxModel).backward(images, cotangent)], [cotangent]);
    }
    if (question.type === 'gradient') {
      const made = await (model as WhiteBoxModel).gradient(
        images,
        criterionOf(question.criterion, second),
        clean(question.objective),
      );
      return taken(inOrder(made));
    }
    return taken([await (model as ScoreModel)[question.type](images)]);
  }

  async #pass(
    { randoms }: Extract<IncomingQuestion, { type: 'channel' }>,
    images: Tensor4D,
  ): Promise<Answered> {
    const { restored } = await import('@halftone/sdk');
    if (randoms.length !== images.shape[0])
      throw new BadQuestion('it sent other streams than images to the channel');
    const transformed = await this.#context.channel(images, randoms.map(restored));
    const handle = this.#handle++;
    this.#passages.set(handle, transformed);
    const { shape } = transformed.images;
    const flag = transformed.pullback !== undefined;
    return {
      answer: { type: 'answer', shapes: [shape], flag, handle },
      arrays: [valuesOf(transformed.images)],
    };
  }

  async #pull(handle: number, cotangent: Tensor4D): Promise<Answered> {
    const transformed = this.#passages.get(handle);
    if (transformed?.pullback === undefined)
      throw new BadQuestion(`it pulled back through a passage that it hasn't`);
    return taken([await transformed.pullback(cotangent)]);
  }

  #leave(handle: number): Answered {
    const transformed = this.#passages.get(handle);
    this.#passages.delete(handle);
    transformed?.dispose?.();
    if (transformed !== undefined && !transformed.images.isDisposed) transformed.images.dispose();
    return { answer: { type: 'answer', shapes: [] }, arrays: [] };
  }

  #imagesOf(shape: readonly number[], values: WireArray | undefined): Tensor4D {
    const [count = 0, height, width, channels] = shape;
    const { input } = this.#context.model;
    const fits = height === input.height && width === input.width && channels === input.channels;
    const length = count * input.height * input.width * input.channels;
    if (!fits || !(values instanceof Float32Array) || values.length !== length) {
      throw new BadQuestion(
        `it sent images of ${shape.join('×')}, the model takes ${Object.values(input).join('×')}`,
      );
    }
    return imagesOf(this.#tf, values, shape as unknown as Shape4);
  }
}

function permits(access: Access, question: 'logits' | 'probabilities' | 'gradient' | 'backward'): boolean {
  if (question === 'gradient' || question === 'backward') return access === 'white-box';
  return access !== 'decision';
}

function criterionOf(kind: Criterion['kind'], classes: WireArray | undefined): Criterion {
  if (!(classes instanceof Int32Array)) throw new BadQuestion('it asked for a gradient without classes');
  return kind === 'targeted' ? { kind, targets: classes } : { kind, labels: classes };
}

function clean<T extends object>(objective: T): never {
  return withoutUndefined(objective) as never;
}

function inOrder({ gradient, objective, logits }: Gradient): Tensor[] {
  return [gradient, objective, logits];
}

/** Tensors as an answer; they and the others given are disposed of. Their values stay what they were. */
function taken(tensors: readonly Tensor[], others: readonly Tensor[] = []): Answered {
  const answer: Answer = { type: 'answer', shapes: tensors.map(({ shape }) => shape) };
  const arrays = tensors.map((tensor) => valuesOf(tensor));
  for (const tensor of [...tensors, ...others]) if (!tensor.isDisposed) tensor.dispose();
  return { answer, arrays };
}
