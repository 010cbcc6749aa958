import {
  askGradients,
  ConstantSearch,
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
  readonly binarySearchSteps: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly initialConst: number;
  readonly abortEarly: boolean;
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

/**
 * Black and white lie at |w| = 7.25, where the image hardly moves with w: before w can have come this far from there,
 * a lack of progress says nothing.
 */
const TRAVEL = 4;

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
  { kappa, steps, learningRate, abortEarly, discretize }: Settings,
  { constant, start }: Descent,
  best: Best,
): Generator<Float32Array, boolean, GradientAnswer> {
  const x = new TanhImage(start, { rate: learningRate });
  const { values } = x;
  const rounded = new Float32Array(discretize ? origin.length : 0);
  const tenth = Math.max(1, Math.floor(steps / 10));
  const earliest = TRAVEL / learningRate;
  let lossBefore = Number.POSITIVE_INFINITY;
  let succeeded = false;
  for (let step = 0; step < steps; step++) {
    const shown = discretize ? roundToLevels(values, rounded) : values;
    const { gradient, objective } = yield shown;
    const lead = objective[0]!;
    if (lead > 0 && lead >= kappa) {
      succeeded = true;
      const square = squaredDistance(shown, origin);
      if (square < best.square) {
        const image = shown.slice();
        Object.assign(best, { image, square, start: start === origin ? undefined : image });
      }
    }
    const missing = Math.max(kappa - lead, 0);
    if (abortEarly && step >= earliest && step % tenth === 0) {
      const loss = squaredDistance(values, origin) + constant * missing;
      if (loss > 0.9999 * lossBefore) break;
      lossBefore = loss;
    }
    const weight = missing > 0 ? constant : 0;
    x.descend((i) => 2 * (values[i]! - origin[i]!) - weight * gradient[i]!);
  }
  return succeeded;
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
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
    kappa: {
      type: 'number',
      min: 0,
      max: 1e6,
      default: 0,
      help: 'Confidence κ: the lead of the wanted class, in logits. Larger carries over better and shows more.',
    },
    binarySearchSteps: {
      type: 'integer',
      min: 1,
      max: 100,
      default: 9,
      help: 'Values of c that are tried. More come nearer to the smallest change.',
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
    initialConst: {
      type: 'number',
      min: 1e-12,
      max: 1e6,
      default: 1e-3,
      help: 'The first c. Hardly matters where many are tried.',
    },
    abortEarly: {
      type: 'boolean',
      default: true,
      help: 'End a descent that gains less than 0.01% in a tenth of its steps.',
    },
    discretize: {
      type: 'boolean',
      default: true,
      help: 'Ask the model about images of 256 levels, so that success outlives rounding. Off: as other libraries.',
    },
  },
  run(context) {
    const ask = askGradients(context, { kind: 'logit-difference' });
    return lockstep(context, (task) => attackImage(task, context.parameters), ask);
  },
});
