import type { GradientAnswer, ImageTask } from './lockstep.ts';
import type { BooleanParameter, NumberParameter } from './parameters.ts';
import { TanhImage } from './tanh-image.ts';

/**
 * What the attacks of Carlini and Wagner (2017) have in common: the descent over w, x' = (tanh(w) + 1) / 2, down
 * D(x') + c · max(κ − lead(x'), 0), for one c or for larger and larger ones.
 */

/** Settings of a descent. */
export interface DescentSettings {
  readonly kappa: number;
  /** At most, one gradient each. */
  readonly steps: number;
  readonly learningRate: number;
  readonly abortEarly: boolean;
}

/** What a descent goes down, and when it has arrived. */
export interface DescentGoal {
  /** c. */
  readonly constant: number;
  /** What the model is asked about: the image under descent, rounded to levels, say. */
  show(values: Float32Array): Float32Array;
  /** D at the image under descent. */
  distance(values: Float32Array): number;
  /** The slope of D by value i. */
  slope(values: Float32Array, i: number): number;
  /** 1 where a value may move, 0 where it may not; all may where absent. */
  readonly mask?: ArrayLike<number>;
  /** Looks at each image that was shown; `true` ends the descent as a success. */
  reached(seen: Seen): boolean;
}

/** An image that was shown to the model. `loss` is the whole of what the descent goes down. */
export interface Seen {
  /** Written anew at the next step: keep a copy. */
  readonly shown: Float32Array;
  /** The wanted class's lead, or how far the label is behind: above 0 is success. */
  readonly lead: number;
  /** Of the lead. */
  readonly gradient: Float32Array;
  readonly loss: number;
  /** c. */
  readonly constant: number;
}

/**
 * Black and white lie at |w| = 7.25, where the image hardly moves with w: before w can have come this far from there,
 * a lack of progress says nothing.
 */
const TRAVEL = 4;

/** Goes down from where the image stands; says whether the goal was reached. Ends early where nothing is gained. */
export function* descendTo(
  x: TanhImage,
  { kappa, steps, learningRate, abortEarly }: DescentSettings,
  goal: DescentGoal,
): Generator<Float32Array, boolean, GradientAnswer> {
  const { constant, mask } = goal;
  const { values } = x;
  const tenth = Math.max(1, Math.floor(steps / 10));
  const earliest = TRAVEL / learningRate;
  let lossBefore = Number.POSITIVE_INFINITY;
  for (let step = 0; step < steps; step++) {
    const shown = goal.show(values);
    const { gradient, objective } = yield shown;
    const lead = objective[0]!;
    const missing = Math.max(kappa - lead, 0);
    const loss = goal.distance(values) + constant * missing;
    if (goal.reached({ shown, lead, gradient, loss, constant })) return true;
    if (abortEarly && step >= earliest && step % tenth === 0) {
      if (loss > 0.9999 * lossBefore) return false;
      lossBefore = loss;
    }
    // A tie is no success: it must be left, with κ = 0 too.
    const weight = missing > 0 || lead <= 0 ? constant : 0;
    x.descend((i) =>
      mask === undefined || mask[i] === 1 ? goal.slope(values, i) - weight * gradient[i]! : 0,
    );
  }
  return false;
}

/** Settings of a search for the c that succeeds. */
export interface RisingSettings extends DescentSettings {
  readonly initialConst: number;
  /** Below this it goes on. */
  readonly largestConst: number;
  readonly constFactor: number;
}

/**
 * Descents from a start with larger and larger c, each from where the last one came to, until one reaches its goal:
 * the c of that one. Undefined where the largest doesn't.
 */
export function* raiseConstant(
  start: Float32Array,
  initial: number,
  settings: RisingSettings,
  goal: Omit<DescentGoal, 'constant'>,
): Generator<Float32Array, number | undefined, GradientAnswer> {
  const x = new TanhImage(start, { rate: settings.learningRate });
  for (let constant = initial; constant < settings.largestConst; constant *= settings.constFactor) {
    if (yield* descendTo(x, settings, { ...goal, constant })) return constant;
  }
  return undefined;
}

/** Where the image itself leads nowhere: so many starts at noise. */
const NOISE_STARTS = 3;

/** Tries from a start; if that is the image before the attack and leads nowhere, from noise too. */
export function* tryStarts<T>(
  { origin, random }: ImageTask,
  start: Float32Array,
  attempt: (start: Float32Array) => Generator<Float32Array, T | undefined, GradientAnswer>,
): Generator<Float32Array, T | undefined, GradientAnswer> {
  let found = yield* attempt(start);
  for (let k = 0; k < NOISE_STARTS && found === undefined && start === origin; k++) {
    found = yield* attempt(origin.map(() => random.uniform()));
  }
  return found;
}

/** ‖a − b‖², added up in float64. */
export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/** The parameters of every such attack; `initialConst` stands apart, for its help. */
export const descentParameters = {
  kappa: {
    type: 'number',
    min: 0,
    max: 1e6,
    default: 0,
    help: 'Confidence κ: the lead of the wanted class, in logits. Larger carries over better and shows more.',
  },
  steps: {
    type: 'integer',
    min: 1,
    max: 1_000_000,
    default: 1000,
    help: 'Steps for each value of c at most, one gradient each. More come nearer to the smallest change.',
  },
  learningRate: {
    type: 'number',
    min: 1e-6,
    max: 10,
    default: 0.01,
    help: "Adam's step size. Larger arrives sooner, less exactly.",
  },
  abortEarly: {
    type: 'boolean',
    default: true,
    help: 'End a descent that gains less than 0.01% in a tenth of its steps.',
  },
  discretize: {
    type: 'boolean',
    default: true,
    help: 'Ask the model about images of 256 levels, so that success outlives rounding. Off: as the paper.',
  },
} as const satisfies Readonly<Record<string, NumberParameter | BooleanParameter>>;

/** The parameters of a search for the c that succeeds. */
export const risingParameters = {
  initialConst: { type: 'number', min: 1e-12, max: 1e6, default: 1e-3, help: 'The first c.' },
  largestConst: {
    type: 'number',
    min: 1e-12,
    max: 1e12,
    default: 2e6,
    help: 'The c at which it gives up.',
  },
  constFactor: {
    type: 'number',
    min: 1.01,
    max: 1000,
    default: 2,
    help: 'What c is multiplied by after a failure. Smaller is more exact and slower.',
  },
  reduceConst: { type: 'boolean', default: false, help: 'Halve c after each success. Slower.' },
} as const satisfies Readonly<Record<string, NumberParameter | BooleanParameter>>;
