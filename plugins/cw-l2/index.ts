import {
  askGradients,
  ConstantSearch,
  type DescentSettings,
  defineAttack,
  descendTo,
  descentParameters,
  type GradientAnswer,
  type ImageAttack,
  type ImageTask,
  lockstep,
  roundToLevels,
  squaredDistance,
  TanhImage,
} from '@halftone/sdk';

interface Settings extends DescentSettings {
  readonly binarySearchSteps: number;
  readonly initialConst: number;
  readonly discretize: boolean;
}

/** The nearest image so far that succeeds. */
interface Best {
  image: Float32Array;
  square: number;
  /** Where the next descents begin, for one that was found from elsewhere than the image. */
  start?: Float32Array | undefined;
}

/** Their code takes the last of ten or more searches at the smallest constant that has succeeded. */
const STEPS_WITH_REPEAT = 10;

/** Descents from the image that fail before a search is given up: c has grown a millionfold. */
const FAILURES = 7;

/** A step of Adam that carries over the kinks that smaller ones get caught in. */
const LARGE_STEP = 0.1;

/** Starts at noise, each with one c that weighs success heavily. */
const NOISE_STARTS = 12;
const NOISE_CONST = 10;

/** A search for c: where it begins, and how many failures in a row from the beginning end it. */
interface Search {
  readonly start: Float32Array;
  readonly initialConst: number;
  readonly failures: number;
}

/**
 * The attack on one image; the image itself where nothing succeeds. Where a search from the image fails, another goes
 * on with large steps, and then some from noise. Section VI.A: multiple starting points.
 */
function* attackImage(task: ImageTask, settings: Settings): ImageAttack<GradientAnswer> {
  const { origin, random } = task;
  const best: Best = { image: origin, square: Number.POSITIVE_INFINITY };
  const { initialConst } = settings;
  const fromImage = { start: origin, initialConst, failures: FAILURES };
  yield* search(task, settings, fromImage, best);
  const large = { ...settings, learningRate: Math.max(settings.learningRate, LARGE_STEP) };
  if (!Number.isFinite(best.square)) yield* search(task, large, fromImage, best);
  for (let k = 0; k < NOISE_STARTS && !Number.isFinite(best.square); k++) {
    const start = origin.map(() => random.uniform());
    yield* search(task, large, { start, initialConst: NOISE_CONST, failures: 1 }, best);
  }
  return best.image;
}

/** Descents from a start, or from what they found elsewhere than at the image, with binary search over c. */
function* search(
  task: ImageTask,
  settings: Settings,
  { start, initialConst, failures }: Search,
  best: Best,
): Generator<Float32Array, void, GradientAnswer> {
  const { binarySearchSteps: rounds } = settings;
  const constants = new ConstantSearch(initialConst);
  for (let round = 0; round < rounds && best.square > 0; round++) {
    const succeeded = Number.isFinite(constants.smallest);
    if (round >= failures && !succeeded) return;
    const repeat = rounds >= STEPS_WITH_REPEAT && round === rounds - 1 && succeeded;
    const constant = repeat ? constants.smallest : constants.constant;
    const found = yield* descend(task, settings, { constant, start: best.start ?? start }, best);
    constants.tried(found);
    task.progress((round + 1) / rounds);
  }
}

/** One descent: its weight c and where it begins. */
interface Descent {
  readonly constant: number;
  readonly start: Float32Array;
}

/** Minimises ‖x' − x‖² + c · max(κ − lead(x'), 0) for one c; keeps the best; says whether anything succeeded. */
function* descend(
  { origin }: ImageTask,
  settings: Settings,
  { constant, start }: Descent,
  best: Best,
): Generator<Float32Array, boolean, GradientAnswer> {
  const rounded = new Float32Array(settings.discretize ? origin.length : 0);
  let succeeded = false;
  yield* descendTo(new TanhImage(start, { rate: settings.learningRate }), settings, {
    constant,
    show: (values) => (settings.discretize ? roundToLevels(values, rounded) : values),
    distance: (values) => squaredDistance(values, origin),
    slope: (values, i) => 2 * (values[i]! - origin[i]!),
    reached({ shown, lead }) {
      if (lead <= 0 || lead < settings.kappa) return false;
      succeeded = true;
      const square = squaredDistance(shown, origin);
      if (square < best.square) {
        const image = shown.slice();
        Object.assign(best, { image, square, start: start === origin ? undefined : image });
      }
      // A nearer one may come.
      return false;
    },
  });
  return succeeded;
}

/**
 * Carlini and Wagner's L2 attack: minimise ‖x' − x‖² + c · f(x') over w, x' = (tanh(w) + 1) / 2, by Adam, with binary
 * search over c; f(x') = max(max_{i≠t} Z_i − Z_t, −κ) towards t, max(Z_y − max_{i≠y} Z_i, −κ) away from y. Of all
 * images on the way the nearest that succeeds is kept. Carlini, Wagner (2017), section VI.A.
 */
export default defineAttack({
  name: 'cw-l2',
  title: 'Carlini and Wagner, L2',
  summary:
    'The smallest change, by Euclidean length, that still succeeds: searched for, not bounded. Slow and thorough.',
  paper: {
    authors: 'Nicholas Carlini, David Wagner',
    title: 'Towards Evaluating the Robustness of Neural Networks',
    year: 2017,
    url: 'https://arxiv.org/abs/1608.04644',
  },
  departures: [
    'The model is asked about the image rounded to eight bits (discretize), so that what is printed succeeds; the paper rounds at the end and repairs by greedy search.',
    "A descent that is stuck is ended image by image; the authors' code ends it for the whole batch.",
    '1,000 steps for each c, as CleverHans takes; the paper takes 10,000.',
    'Where seven values of c fail, it goes on with steps of 0.1 at least, from the image and then from up to twelve starts at noise; the paper starts at random near the image from the first.',
  ],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: 'l2',
  parameters: {
    kappa: descentParameters.kappa,
    binarySearchSteps: {
      type: 'integer',
      min: 1,
      max: 100,
      default: 9,
      help: 'Values of c that are tried. More come nearer to the smallest change.',
    },
    steps: descentParameters.steps,
    learningRate: descentParameters.learningRate,
    initialConst: {
      type: 'number',
      min: 1e-12,
      max: 1e6,
      default: 1e-3,
      help: 'The first c. Hardly matters where many are tried.',
    },
    abortEarly: descentParameters.abortEarly,
    discretize: descentParameters.discretize,
  },
  run(context) {
    const ask = askGradients(context, { kind: 'logit-difference' });
    return lockstep(context, (task) => attackImage(task, context.parameters), ask);
  },
});
