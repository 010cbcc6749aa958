import {
  askGradients,
  defineAttack,
  type GradientAnswer,
  type ImageAttack,
  type ImageTask,
  lockstep,
  roundToLevels,
  TanhImage,
} from '@halftone/sdk';

interface Settings {
  readonly kappa: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly initialConst: number;
  readonly largestConst: number;
  readonly constFactor: number;
  readonly reduceConst: boolean;
  readonly abortEarly: boolean;
  readonly discretize: boolean;
}

/** An image that succeeds by its free pixels alone. */
interface Solution {
  readonly image: Float32Array;
  /** Of the objective, at the image. */
  readonly gradient: Float32Array;
  readonly constant: number;
}

/** Where the image itself leads nowhere: so many starts at noise. */
const NOISE_STARTS = 3;

/**
 * Black and white lie at |w| = 7.25, where the image hardly moves with w: before w can have come this far from there,
 * a lack of progress says nothing.
 */
const TRAVEL = 4;

/** The attack on one image; the image itself where nothing succeeds. */
function* attackImage(task: ImageTask, settings: Settings): ImageAttack<GradientAnswer> {
  const { origin, shape } = task;
  const channels = shape[2];
  const pixels = origin.length / channels;
  const free = new Uint8Array(pixels).fill(1);
  let best = origin;
  let constant = settings.initialConst;
  while (free.includes(1)) {
    let solution: Solution | undefined = yield* solve(task, settings, best, free, constant);
    for (let k = 0; k < NOISE_STARTS && solution === undefined && best === origin; k++) {
      const noise = origin.map(() => task.random.uniform());
      solution = yield* solve(task, settings, noise, free, constant);
    }
    if (solution === undefined) break;
    constant = settings.reduceConst ? solution.constant / 2 : solution.constant;
    best = solution.image;
    freeze(free, solution, origin, channels);
    task.progress(1 - free.reduce((sum, one) => sum + one, 0) / pixels);
  }
  return best;
}

/**
 * Minimises ‖x' − x‖² + c · max(κ − lead(x'), 0) over the free pixels from a start, with larger and larger c, until
 * it succeeds. Undefined where the largest c doesn't do it.
 */
function* solve(
  { origin, shape }: ImageTask,
  settings: Settings,
  start: Float32Array,
  free: Uint8Array,
  initial: number,
): Generator<Float32Array, Solution | undefined, GradientAnswer> {
  const { kappa, steps } = settings;
  const channels = shape[2];
  const mask = origin.map((_, i) => free[Math.floor(i / channels)]!);
  const x = new TanhImage(start, { rate: settings.learningRate });
  const shown = new Float32Array(origin.length);
  const tenth = Math.max(1, Math.floor(steps / 10));
  const earliest = TRAVEL / settings.learningRate;
  for (let constant = initial; constant < settings.largestConst; constant *= settings.constFactor) {
    let lossBefore = Number.POSITIVE_INFINITY;
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < shown.length; i++) shown[i] = mask[i] === 1 ? x.values[i]! : origin[i]!;
      const square = squaredDistance(shown, origin);
      if (settings.discretize) levelFree(shown, mask);
      const { gradient, objective } = yield shown;
      const lead = objective[0]!;
      if (lead > 0 && lead >= kappa) return { image: shown.slice(), gradient, constant };
      const missing = Math.max(kappa - lead, 0);
      if (settings.abortEarly && step >= earliest && step % tenth === 0) {
        const loss = square + constant * missing;
        if (loss > 0.9999 * lossBefore) break;
        lossBefore = loss;
      }
      x.descend((i) => mask[i]! * (2 * (x.values[i]! - origin[i]!) - constant * gradient[i]!));
    }
  }
  return undefined;
}

/** Rounds the free values; the others stay what they are, on a level or not. */
function levelFree(shown: Float32Array, mask: Float32Array): void {
  const rounded = roundToLevels(shown);
  for (let i = 0; i < shown.length; i++) if (mask[i] === 1) shown[i] = rounded[i]!;
}

/** A change below this is none. */
const UNCHANGED = 1e-4;
/** Of a round's pixels none is frozen after one that matters more than this, in logits. */
const MATTERS = 0.01;

/**
 * Freezes pixels at what they were before the attack: those that haven't changed, and of the others, which n are, the
 * 0.3·√n that matter least: Σ |gradient · change| over a pixel's channels.
 */
function freeze(
  free: Uint8Array,
  { image, gradient }: Solution,
  origin: Float32Array,
  channels: number,
): void {
  const importance = new Float64Array(free.length);
  const changed: number[] = [];
  for (let pixel = 0; pixel < free.length; pixel++) {
    let largest = 0;
    for (let i = pixel * channels; i < (pixel + 1) * channels; i++) {
      const change = Math.abs(image[i]! - origin[i]!);
      largest = Math.max(largest, change);
      importance[pixel]! += Math.abs(gradient[i]!) * change;
    }
    if (largest < UNCHANGED) free[pixel] = 0;
    else changed.push(pixel);
  }
  const most = Math.ceil(0.3 * Math.sqrt(changed.length));
  changed.sort((a, b) => importance[a]! - importance[b]! || a - b);
  for (const pixel of changed.slice(0, most)) {
    free[pixel] = 0;
    if (importance[pixel]! > MATTERS) break;
  }
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/**
 * Carlini and Wagner's L0 attack: their L2 attack on the pixels that are free; then the pixels that matter least to
 * it are frozen, and it starts again from what was found, until it fails. f as in `cw-l2`. Carlini, Wagner (2017),
 * section VI.B.
 */
export default defineAttack({
  name: 'cw-l0',
  title: 'Carlini and Wagner, L0',
  summary: 'The fewest changed pixels: the set of pixels that may change shrinks until the rest must.',
  paper: {
    authors: 'Nicholas Carlini, David Wagner',
    title: 'Towards Evaluating the Robustness of Neural Networks',
    year: 2017,
    url: 'https://arxiv.org/abs/1608.04644',
  },
  departures: [
    'Where the image itself leads nowhere, up to three starts at noise are tried.',
    'The model is asked about the image rounded to eight bits (discretize), so that what is printed succeeds.',
    "Pixels that haven't changed are frozen all at once, beside the round's share of those that have.",
    "A descent that gains nothing in a tenth of its steps goes on to the next c; the authors' code takes every step.",
  ],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: 'l0',
  parameters: {
    kappa: {
      type: 'number',
      min: 0,
      max: 1e6,
      default: 0.01,
      help: "Confidence κ: the lead of the wanted class, in logits; 0.01 as in the authors' code.",
    },
    steps: {
      type: 'integer',
      min: 1,
      max: 1_000_000,
      default: 1000,
      help: 'Steps for each value of c at most, one gradient each.',
    },
    learningRate: {
      type: 'number',
      min: 1e-6,
      max: 10,
      default: 0.01,
      help: "Adam's step size. Larger arrives sooner, less exactly.",
    },
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
  },
  run(context) {
    const ask = askGradients(context, { kind: 'logit-difference' });
    return lockstep(context, (task) => attackImage(task, context.parameters), ask);
  },
});
