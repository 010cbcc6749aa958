import {
  type Attack,
  type AttackContext,
  type Criterion,
  type Gradient,
  HalftoneError,
  imagesOf,
  type ParameterSchema,
  restored,
  slopeOf,
  type TensorFlow,
  type Transformation,
  valuesOf,
  type WhiteBoxModel,
} from '@halftone/sdk';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Answer, AttackOrder, Question, WireArray } from '../wire.ts';
import { receive, send } from './pipe.ts';

type Shape4 = Tensor4D['shape'];

/** Runs an attack on the batch of an order and sends the images that it made. */
export async function runAttack(
  tf: TensorFlow,
  attack: Attack,
  order: AttackOrder,
  [images, classes]: readonly WireArray[],
): Promise<void> {
  const input = imagesOf(tf, images as Float32Array, order.shape as Shape4);
  const output = await attack.run(contextOf(tf, order, input, classes as Int32Array));
  // What isn't a tensor of the images' shape is the host's to refuse.
  if (typeof output?.dataSync !== 'function') {
    send({ type: 'done' });
  } else {
    const { dtype, shape } = output;
    send({ type: 'done', shape, value: dtype }, dtype === 'float32' ? [valuesOf(output)] : []);
    if (output !== input && !output.isDisposed) output.dispose();
  }
  if (!input.isDisposed) input.dispose();
}

function contextOf(
  tf: TensorFlow,
  order: AttackOrder,
  images: Tensor4D,
  classes: Int32Array,
): AttackContext<'white-box', ParameterSchema> {
  const criterion: Criterion =
    order.criterion === 'targeted'
      ? { kind: 'targeted', targets: classes }
      : { kind: 'untargeted', labels: classes };
  return {
    tf,
    model: modelOf(tf, order),
    images,
    criterion,
    parameters: order.parameters,
    random: restored(order.random),
    randoms: order.randoms.map(restored),
    // A run that is cancelled ends with its process.
    signal: new AbortController().signal,
    progress: seldom((fraction: number) => send({ type: 'progress', fraction })),
    report: seldom((current: Tensor4D) =>
      send({ type: 'report', shape: current.shape }, [valuesOf(current)]),
    ),
    channel: channelOf(tf),
  };
}

/** How often the host hears of progress, at most: an attack may tell of every step, however short. */
const NOTICE_MS = 50;

function seldom<T>(tell: (what: T) => void): (what: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (what) => {
    const now = performance.now();
    if (now - last < NOTICE_MS) return;
    last = now;
    tell(what);
  };
}

/** Asks the host and waits for its answer. */
function ask(
  question: Question,
  arrays: readonly WireArray[],
): { answer: Answer & { type: 'answer' }; arrays: readonly WireArray[] } {
  send(question, arrays);
  const { header, arrays: answered } = receive<Answer>();
  if (header.type === 'answer') return { answer: header, arrays: answered };
  throw new HalftoneError(header.code as HalftoneError['code'], header.message);
}

/** A model with all that any access offers: the host answers what this attack's permits. */
function modelOf(tf: TensorFlow, { classes, input, access }: AttackOrder): WhiteBoxModel {
  const scores = (type: 'logits' | 'probabilities') => async (images: Tensor4D) => {
    const { arrays } = ask({ type, shape: images.shape }, [valuesOf(images)]);
    return tf.tensor2d(arrays[0] as Float32Array, [images.shape[0], classes]);
  };
  const backward = async (images: Tensor4D, cotangent: Tensor2D) => {
    const { arrays } = ask({ type: 'backward', shape: images.shape }, [
      valuesOf(images),
      valuesOf(cotangent),
    ]);
    return imagesOf(tf, arrays[0] as Float32Array, images.shape);
  };
  const model: WhiteBoxModel = {
    classes,
    input,
    labels: async (images) =>
      ask({ type: 'labels', shape: images.shape }, [valuesOf(images)]).arrays[0] as Int32Array,
    logits: scores('logits'),
    probabilities: scores('probabilities'),
    backward,
    async gradient(images, criterion, objective = { kind: 'cross-entropy' }) {
      if (objective.kind === 'function') {
        // As in the lab's own process: the logits, then their slope pulled back through the model.
        const logits = await model.logits(images);
        const { objective: values, cotangent } = slopeOf(tf, objective.of, logits);
        const gradient = await backward(images, cotangent);
        cotangent.dispose();
        return { gradient, objective: values, logits };
      }
      const wanted = criterion.kind === 'targeted' ? criterion.targets : criterion.labels;
      const question: Question = {
        type: 'gradient',
        shape: images.shape,
        criterion: criterion.kind,
        objective,
      };
      return gradientFrom(tf, images.shape, classes, ask(question, [valuesOf(images), wanted]).arrays);
    },
  };
  return Object.freeze(offered(model, access));
}

const offers = {
  'white-box': ['classes', 'input', 'labels', 'logits', 'probabilities', 'gradient', 'backward'],
  score: ['classes', 'input', 'labels', 'logits', 'probabilities'],
  decision: ['classes', 'input', 'labels'],
} as const;

/** What the access permits; the host refuses the rest, this makes it the same sight as in the lab's own process. */
function offered(model: WhiteBoxModel, access: keyof typeof offers): WhiteBoxModel {
  return Object.fromEntries(offers[access].map((key) => [key, model[key]])) as unknown as WhiteBoxModel;
}

function gradientFrom(
  tf: TensorFlow,
  shape: Shape4,
  classes: number,
  arrays: readonly WireArray[],
): Gradient {
  const [gradient, objective, logits] = arrays as Float32Array[];
  return {
    gradient: imagesOf(tf, gradient!, shape),
    objective: tf.tensor1d(objective!),
    logits: tf.tensor2d(logits!, [shape[0], classes]),
  };
}

/** The channel that the user chose: it lives in the host, or in a process of its own behind it. */
function channelOf(tf: TensorFlow): Transformation {
  return async (images, randoms) => {
    const words = randoms.map((random) => random.words);
    const { answer, arrays } = ask({ type: 'channel', shape: images.shape, randoms: words }, [
      valuesOf(images),
    ]);
    const { handle = 0, flag } = answer;
    const transformed = imagesOf(tf, arrays[0] as Float32Array, images.shape);
    const dispose = (): void => {
      ask({ type: 'leave', handle }, []);
    };
    if (flag !== true) return { images: transformed, dispose };
    const pullback = async (cotangent: Tensor4D): Promise<Tensor4D> => {
      const pulled = ask({ type: 'pull', handle, shape: cotangent.shape }, [valuesOf(cotangent)]).arrays[0];
      return imagesOf(tf, pulled as Float32Array, cotangent.shape);
    };
    return { images: transformed, pullback, dispose };
  };
}
