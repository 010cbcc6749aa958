import {
  askGradients,
  type Criterion,
  defineAttack,
  type GradientAnswer,
  type ImageAttack,
  type ImageTask,
  lockstep,
  roundToLevels,
} from '@halftone/sdk';

/**
 * Rubbish-class images: noise, and from there x ← clip₀₁(x + α · sign(∇ log p(t | x))) until the model gives the target
 * t the confidence asked for. Goodfellow, Shlens, Szegedy (2015), appendix 'Rubbish class examples'; what Nguyen,
 * Yosinski and Clune (2015) call fooling images.
 */
export default defineAttack({
  name: 'rubbish',
  title: 'Rubbish-class images',
  summary:
    'Images grown from noise that the model is sure of and that show a person nothing; the given images are left out.',
  paper: {
    authors: 'Ian J. Goodfellow, Jonathon Shlens, Christian Szegedy',
    title: 'Explaining and Harnessing Adversarial Examples',
    year: 2015,
    url: 'https://arxiv.org/abs/1412.6572',
  },
  departures: [
    'Several steps along the sign of the gradient, where the paper takes one along the gradient itself.',
    'With no target asked for, it is the class but the label that the model finds likeliest for the noise.',
  ],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: 'linf',
  parameters: {
    deviation: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: 0.2,
      help: 'Standard deviation of the normal noise around mid grey that it starts from; 0 starts from plain grey.',
    },
    confidence: {
      type: 'number',
      min: 0,
      max: 1,
      default: 0.99,
      help: 'Probability of the target at which an image is done.',
    },
    alpha: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: 2 / 255,
      help: 'Length of a step.',
    },
    steps: { type: 'integer', min: 1, max: 100_000, default: 100, help: 'Most steps for an image.' },
  },
  async run(context) {
    const { images, criterion, parameters } = context;
    // Filled in as the images choose; what is there at first goes unused.
    const targets = new Int32Array(images.shape[0]);
    const aims: Criterion = { kind: 'targeted', targets };
    let begun = 0;
    return lockstep(
      context,
      (task) => {
        const index = begun++;
        const aim = (target: number) => {
          targets[index] = target;
        };
        if (criterion.kind === 'targeted') aim(task.wanted);
        return grow(task, parameters, aim);
      },
      askGradients({ ...context, criterion: aims }),
    );
  },
});

interface Settings {
  readonly deviation: number;
  readonly confidence: number;
  readonly alpha: number;
  readonly steps: number;
}

function* grow(
  { origin, random, wanted, targeted, progress }: ImageTask,
  { deviation, confidence, alpha, steps }: Settings,
  aim: (target: number) => void,
): ImageAttack<GradientAnswer> {
  const x = origin.map(() => Math.min(Math.max(0.5 + deviation * random.normal(), 0), 1));
  let answer = yield x;
  let target = wanted;
  if (!targeted) {
    target = likeliestBut(answer.logits, wanted);
    aim(target);
    // The first answer was about no target yet.
    answer = yield x;
  }
  for (let step = 0; step < steps; step++) {
    if (probability(answer.logits, target) >= confidence) {
      const rounded = roundToLevels(x);
      answer = yield rounded;
      if (probability(answer.logits, target) >= confidence) return rounded;
    }
    for (let i = 0; i < x.length; i++) {
      x[i] = Math.min(Math.max(x[i]! + alpha * Math.sign(answer.gradient[i]!), 0), 1);
    }
    answer = yield x;
    progress((step + 1) / steps);
  }
  return x;
}

function likeliestBut(logits: Float32Array, label: number): number {
  let best = label === 0 ? 1 : 0;
  for (let k = 0; k < logits.length; k++) if (k !== label && logits[k]! > logits[best]!) best = k;
  return best;
}

/** softmax(logits)[target]. */
function probability(logits: Float32Array, target: number): number {
  return 1 / logits.reduce((sum, logit) => sum + Math.exp(logit - logits[target]!), 0);
}
