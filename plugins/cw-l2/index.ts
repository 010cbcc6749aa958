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
  /** Where the next descents begin, for one that was found from noise. */
  start?: Float32Array | undefined;
}

/** Their code takes the last of ten or more searches at the smallest constant that has succeeded. */
const STEPS_WITH_REPEAT = 10;

/** The attack on one image; the image itself where nothing succeeds. */
function* attackImage(task: ImageTask, settings: Settings): ImageAttack<GradientAnswer> {
  const { binarySearchSteps: rounds } = settings;
  const search = new ConstantSearch(settings.initialConst);
  const best: Best = { image: task.origin, square: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds && best.square > 0; round++) {
    const repeat = rounds >= STEPS_WITH_REPEAT && round === rounds - 1 && Number.isFinite(search.smallest);
    const constant = repeat ? search.smallest : search.constant;
    search.tried(yield* descend(task, settings, { constant, start: startOf(task, best, round) }, best));
    task.progress((round + 1) / rounds);
  }
  return best.image;
}

/** Descents from the image itself that fail before others start elsewhere. */
const STARTS_AT_IMAGE = 5;

/**
 * Where a descent begins: at the image; where that has failed and failed again at noise, and once that has led to a
 * success there. Section VI.A: multiple starting points.
 */
function startOf({ origin, random }: ImageTask, best: Best, round: number): Float32Array {
  if (best.start !== undefined) return best.start;
  return round < STARTS_AT_IMAGE || Number.isFinite(best.square)
    ? origin
    : origin.map(() => random.uniform());
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
    'After five failures descents start at noise, and from what that found; the paper starts at random near the image from the first.',
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
