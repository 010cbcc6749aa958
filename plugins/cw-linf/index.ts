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
  readonly decreaseFactor: number;
  readonly reduceConst: boolean;
  readonly abortEarly: boolean;
  readonly discretize: boolean;
}

/** An image that succeeds within τ, and the constant that found it. */
interface Solution {
  readonly image: Float32Array;
  readonly constant: number;
}

/** Where τ stops: less than a level. */
const SMALLEST_TAU = 1 / 256;

/** Where the image itself leads nowhere: so many starts at noise. */
const NOISE_STARTS = 3;

/**
 * Black and white lie at |w| = 7.25, where the image hardly moves with w: before w can have come this far from there,
 * a lack of progress says nothing.
 */
const TRAVEL = 4;

/** The attack on one image; the image itself where nothing succeeds. */
function* attackImage(task: ImageTask, settings: Settings): ImageAttack<GradientAnswer> {
  const { origin } = task;
  let best = { image: origin, size: Number.POSITIVE_INFINITY };
  let constant = settings.initialConst;
  let tau = 1;
  while (tau > SMALLEST_TAU) {
    let solution: Solution | undefined = yield* solve(task, settings, best.image, tau, constant);
    for (let k = 0; k < NOISE_STARTS && solution === undefined && best.image === origin; k++) {
      const noise = origin.map(() => task.random.uniform());
      solution = yield* solve(task, settings, noise, tau, constant);
    }
    if (solution === undefined) break;
    constant = settings.reduceConst ? solution.constant / 2 : solution.constant;
    const size = largestChange(solution.image, origin);
    if (size < best.size) best = { image: solution.image, size };
    tau = Math.min(tau, size) * settings.decreaseFactor;
    // Within whole levels nothing is gained by a part of one; 5 · 0.9 levels are 4.
    if (settings.discretize) tau = Math.floor(tau * 255 + 1e-6) / 255;
    task.progress(Math.min(1, Math.log(tau) / Math.log(SMALLEST_TAU)));
  }
  return best.image;
}

/**
 * Minimises c · max(κ − lead(x'), 0) + Σ max(|x'ᵢ − xᵢ| − τ, 0) from a start, with larger and larger c, until it is
 * next to nothing. Undefined where the largest c doesn't do it.
 */
function* solve(
  { origin }: ImageTask,
  settings: Settings,
  start: Float32Array,
  tau: number,
  initial: number,
): Generator<Float32Array, Solution | undefined, GradientAnswer> {
  const { kappa, steps, discretize } = settings;
  const x = new TanhImage(start, { rate: settings.learningRate });
  const { values } = x;
  const rounded = new Float32Array(discretize ? origin.length : 0);
  const tenth = Math.max(1, Math.floor(steps / 10));
  const earliest = TRAVEL / settings.learningRate;
  for (let constant = initial; constant < settings.largestConst; constant *= settings.constFactor) {
    let lossBefore = Number.POSITIVE_INFINITY;
    for (let step = 0; step < steps; step++) {
      const shown = discretize ? roundToLevels(values, rounded) : values;
      const { gradient, objective } = yield shown;
      const lead = objective[0]!;
      const missing = Math.max(kappa - lead, 0);
      const loss = constant * missing + excess(values, origin, tau);
      if (lead > 0 && loss < 1e-4 * constant) return { image: shown.slice(), constant };
      if (settings.abortEarly && step >= earliest && step % tenth === 0) {
        if (loss > 0.9999 * lossBefore) break;
        lossBefore = loss;
      }
      const weight = missing > 0 ? constant : 0;
      x.descend((i) => beyond(values[i]! - origin[i]!, tau) - weight * gradient[i]!);
    }
  }
  return undefined;
}

/** The slope of max(|δ| − τ, 0). */
function beyond(delta: number, tau: number): number {
  return delta > tau ? 1 : delta < -tau ? -1 : 0;
}

function excess(x: Float32Array, origin: Float32Array, tau: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.max(Math.abs(x[i]! - origin[i]!) - tau, 0);
  return sum;
}

function largestChange(x: Float32Array, origin: Float32Array): number {
  let worst = 0;
  for (let i = 0; i < x.length; i++) worst = Math.max(worst, Math.abs(x[i]! - origin[i]!));
  return worst;
}

/**
 * Carlini and Wagner's L∞ attack: minimise c · f(x') + Σ max(|x'ᵢ − xᵢ| − τ, 0); whenever that succeeds, τ shrinks and
 * it starts again from what was found, until it fails. f as in `cw-l2`. Carlini, Wagner (2017), section VI.C.
 */
export default defineAttack({
  name: 'cw-linf',
  title: 'Carlini and Wagner, L∞',
  summary:
    'The change whose largest value is smallest: a ceiling that is lowered until nothing fits under it.',
  paper: {
    authors: 'Nicholas Carlini, David Wagner',
    title: 'Towards Evaluating the Robustness of Neural Networks',
    year: 2017,
    url: 'https://arxiv.org/abs/1608.04644',
  },
  departures: [
    'Where the image itself leads nowhere, up to three starts at noise are tried.',
    'The model is asked about the image rounded to eight bits (discretize) and τ goes down in whole levels, so that what is printed succeeds.',
    "A descent that gains nothing in a tenth of its steps goes on to the next c; the authors' code takes every step.",
    'Of the images that succeeded the one of the smallest change is kept, not the last.',
  ],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: 'linf',
  parameters: {
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
      help: 'Steps for each value of c at most, one gradient each.',
    },
    learningRate: {
      type: 'number',
      min: 1e-6,
      max: 10,
      default: 0.005,
      help: "Adam's step size. Larger arrives sooner, less exactly.",
    },
    initialConst: { type: 'number', min: 1e-12, max: 1e6, default: 1e-5, help: 'The first c.' },
    largestConst: {
      type: 'number',
      min: 1e-12,
      max: 1e12,
      default: 20,
      help: 'The c at which it gives up.',
    },
    constFactor: {
      type: 'number',
      min: 1.01,
      max: 1000,
      default: 2,
      help: 'What c is multiplied by after a failure. Smaller is more exact and slower.',
    },
    decreaseFactor: {
      type: 'number',
      min: 0.01,
      max: 0.999,
      default: 0.9,
      help: 'What τ is multiplied by after a success. Larger is more exact and slower.',
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
