import {
  askGradients,
  checkRadius,
  defaultByNorm,
  defineAttack,
  type GradientAnswer,
  type ImageAttack,
  type ImageTask,
  lead,
  lockstep,
  normParameter,
  radiusParameter,
  roundToLevels,
  type StepNorm,
  startInBall,
  stepOf,
} from '@halftone/sdk';

/**
 * Projected gradient descent: x₀' drawn from the ball around x, x' ← Π(x' + α · d), d the sign of ∇J(x', y) under L∞
 * and ∇J / ‖∇J‖₂ under L2, Π the projection into the ball and then into [0, 1]. Madry, Makelov, Schmidt, Tsipras,
 * Vladu (2018), section 2.1.
 */
export default defineAttack({
  name: 'pgd',
  title: 'Projected gradient descent',
  summary:
    'Gradient steps from random starts within the ball: the usual measure of how far a model withstands.',
  paper: {
    authors: 'Aleksander Mądry, Aleksandar Makelov, Ludwig Schmidt, Dimitris Tsipras, Adrian Vladu',
    title: 'Towards Deep Learning Models Resistant to Adversarial Attacks',
    year: 2018,
    url: 'https://arxiv.org/abs/1706.06083',
  },
  departures: [],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: { parameter: 'norm' },
  budget: 'epsilon',
  parameters: {
    norm: normParameter,
    epsilon: radiusParameter,
    steps: {
      type: 'integer',
      min: 1,
      max: 100_000,
      default: defaultByNorm(
        '40; for L2 50',
        () => 40,
        () => 50,
      ),
      help: 'Number of steps a start, one gradient each.',
    },
    alpha: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1000,
      default: defaultByNorm(
        'ε/30; for L2 ε/40',
        (values) => (values.epsilon as number) / 30,
        (values) => (values.epsilon as number) / 40,
      ),
      help: 'Length of a step, in the units of ε.',
    },
    randomStart: {
      type: 'boolean',
      default: true,
      help: 'Start at a point drawn evenly from the ball. If not, the first start is the image itself.',
    },
    restarts: {
      type: 'integer',
      min: 1,
      max: 1000,
      default: 1,
      help: 'Number of starts. Images that a start has fooled are left alone by the next ones.',
    },
  },
  async run(context) {
    const { parameters } = context;
    const norm = parameters.norm as StepNorm;
    checkRadius(norm, parameters.epsilon);
    return lockstep(context, (task) => descend(task, { ...parameters, norm }), askGradients(context));
  },
});

interface Settings {
  readonly norm: StepNorm;
  readonly epsilon: number;
  readonly alpha: number;
  readonly steps: number;
  readonly randomStart: boolean;
  readonly restarts: number;
}

/** One image: the first start that fools, rounded to eight bits too; else the one with the highest objective. */
function* descend(task: ImageTask, settings: Settings): ImageAttack<GradientAnswer> {
  const { origin, random, wanted, targeted } = task;
  const { norm, epsilon, alpha, steps, restarts } = settings;
  const step = stepOf[norm];
  let best = origin;
  let highest = Number.NEGATIVE_INFINITY;
  for (let start = 0; start < restarts; start++) {
    const fromImage = start === 0 && !settings.randomStart;
    const x = fromImage ? origin.slice() : startInBall(norm, origin, epsilon, random.derive(start));
    for (let index = 0; index < steps; index++) {
      const { gradient } = yield x;
      step({ images: x, gradient, origin, alpha, epsilon }, x);
      task.progress((start * steps + index + 1) / (restarts * steps));
    }
    if (restarts === 1) return x;
    const { logits, objective } = yield roundToLevels(x);
    if (lead(logits, wanted, targeted) > 0) return x;
    if (objective[0]! > highest) {
      best = x;
      highest = objective[0]!;
    }
  }
  return best;
}
