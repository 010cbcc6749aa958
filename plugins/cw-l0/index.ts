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
  squaredDistance,
  tryStarts,
} from '@halftone/sdk';

interface Settings extends RisingSettings {
  readonly reduceConst: boolean;
  readonly discretize: boolean;
}

/** An image that succeeds by its free pixels alone. */
interface Solution {
  readonly image: Float32Array;
  /** Of the objective, at the image. */
  readonly gradient: Float32Array;
  readonly constant: number;
}

/** The attack on one image; the image itself where nothing succeeds. */
function* attackImage(task: ImageTask, settings: Settings): ImageAttack<GradientAnswer> {
  const { origin, shape } = task;
  const channels = shape[2];
  const pixels = origin.length / channels;
  const free = new Uint8Array(pixels).fill(1);
  let best = origin;
  let constant = settings.initialConst;
  while (free.includes(1)) {
    const solution: Solution | undefined = yield* tryStarts(task, best, (start) =>
      solve(task, settings, start, free, constant),
    );
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
  const channels = shape[2];
  const mask = origin.map((_, i) => free[Math.floor(i / channels)]!);
  // What isn't free is shown as it was before the attack.
  const masked = new Float32Array(origin.length);
  const shown = new Float32Array(origin.length);
  let found: Omit<Solution, 'constant'> | undefined;
  const constant = yield* raiseConstant(start, initial, settings, {
    mask,
    show(values) {
      for (let i = 0; i < masked.length; i++) masked[i] = mask[i] === 1 ? values[i]! : origin[i]!;
      shown.set(masked);
      if (settings.discretize) levelFree(shown, mask);
      return shown;
    },
    distance: () => squaredDistance(masked, origin),
    slope: (values, i) => 2 * (values[i]! - origin[i]!),
    reached({ lead, gradient }) {
      if (lead <= 0 || lead < settings.kappa) return false;
      found = { image: shown.slice(), gradient };
      return true;
    },
  });
  return constant === undefined || found === undefined ? undefined : { ...found, constant };
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
      ...descentParameters.kappa,
      default: 0.01,
      help: "Confidence κ: the lead of the wanted class, in logits; 0.01 as in the authors' code.",
    },
    steps: descentParameters.steps,
    learningRate: descentParameters.learningRate,
    ...risingParameters,
    abortEarly: descentParameters.abortEarly,
    discretize: descentParameters.discretize,
  },
  run(context) {
    const ask = askGradients(context, { kind: 'logit-difference' });
    return lockstep(context, (task) => attackImage(task, context.parameters), ask);
  },
});
