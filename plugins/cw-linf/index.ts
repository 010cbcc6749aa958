import {
  askGradients,
  defineAttack,
  descentParameters,
  type GradientAnswer,
  type ImageAttack,
  type ImageTask,
  lockstep,
  type RisingSettings,
  raiseConstant,
  risingParameters,
  roundToLevels,
  tryStarts,
} from '@halftone/sdk';

interface Settings extends RisingSettings {
  readonly decreaseFactor: number;
  readonly reduceConst: boolean;
  readonly discretize: boolean;
}

/** An image that succeeds within τ, and the constant that found it. */
interface Solution {
  readonly image: Float32Array;
  readonly constant: number;
}

/** Where τ stops: less than a level. */
const SMALLEST_TAU = 1 / 256;

/** The attack on one image; the image itself where nothing succeeds. */
function* attackImage(task: ImageTask, settings: Settings): ImageAttack<GradientAnswer> {
  const { origin } = task;
  let best = { image: origin, size: Number.POSITIVE_INFINITY };
  let constant = settings.initialConst;
  let tau = 1;
  while (tau > SMALLEST_TAU) {
    const solution: Solution | undefined = yield* tryStarts(task, best.image, (start) =>
      solve(task, settings, start, tau, constant),
    );
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
  const rounded = new Float32Array(settings.discretize ? origin.length : 0);
  let image = origin;
  const constant = yield* raiseConstant(start, initial, settings, {
    show: (values) => (settings.discretize ? roundToLevels(values, rounded) : values),
    distance: (values) => excess(values, origin, tau),
    slope: (values, i) => beyond(values[i]! - origin[i]!, tau),
    reached(seen) {
      if (seen.lead <= 0 || seen.loss >= 1e-4 * seen.constant) return false;
      image = seen.shown.slice();
      return true;
    },
  });
  return constant === undefined ? undefined : { image, constant };
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
    kappa: descentParameters.kappa,
    steps: descentParameters.steps,
    learningRate: { ...descentParameters.learningRate, default: 0.005 },
    initialConst: { ...risingParameters.initialConst, default: 1e-5 },
    largestConst: { ...risingParameters.largestConst, default: 20 },
    constFactor: risingParameters.constFactor,
    decreaseFactor: {
      type: 'number',
      min: 0.01,
      max: 0.999,
      default: 0.9,
      help: 'What τ is multiplied by after a success. Larger is more exact and slower.',
    },
    reduceConst: risingParameters.reduceConst,
    abortEarly: descentParameters.abortEarly,
    discretize: descentParameters.discretize,
  },
  run(context) {
    const ask = askGradients(context, { kind: 'logit-difference' });
    return lockstep(context, (task) => attackImage(task, context.parameters), ask);
  },
});
