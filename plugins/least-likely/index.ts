import {
  classesOf,
  defineAttack,
  epsilonParameter,
  gradientAt,
  iterate,
  signStep,
  stepsToEdge,
  targeted,
  valuesOf,
} from '@halftone/sdk';

/**
 * Least-likely class method: x₀' = x, x' ← clip_{x,ε}(x' − α · sign(∇ J(x', y_LL))), y_LL the class with the smallest
 * logit for the clean image. Kurakin, Goodfellow, Bengio (2017), 'Adversarial Examples in the Physical World', section
 * 2.3; with one step of ε, 'step l.l.' of 'Adversarial Machine Learning at Scale', section 2. sign(0) = 0.
 */
export default defineAttack({
  name: 'least-likely',
  title: 'Least-likely class method',
  summary:
    'Sign steps towards the class that the model finds least likely for the clean image: mistakes that are far off.',
  paper: {
    authors: 'Alexey Kurakin, Ian J. Goodfellow, Samy Bengio',
    title: 'Adversarial Examples in the Physical World',
    year: 2017,
    url: 'https://arxiv.org/abs/1607.02533',
  },
  departures: ['Where the least likely class is the label itself, the second least likely is taken.'],
  access: 'white-box',
  criteria: ['untargeted'],
  norm: 'linf',
  budget: 'epsilon',
  parameters: {
    epsilon: epsilonParameter,
    steps: {
      type: 'integer',
      min: 1,
      max: 100_000,
      default: {
        rule: 'min(ε·255 + 4, 1.25·ε·255), rounded up',
        from: (values) => stepsToEdge(values.epsilon as number),
      },
      help: 'Number of steps, one gradient each; 1 is the one-step form.',
    },
    alpha: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: {
        rule: '1/255; ε where there is one step',
        from: ({ steps, epsilon }) => (steps === 1 ? (epsilon as number) : 1 / 255),
      },
      help: 'Length of a step. Smaller follows the loss more closely and needs more steps.',
    },
  },
  async run(context) {
    const { tf, model, images, parameters } = context;
    const { epsilon, alpha, steps } = parameters;
    const logits = await model.logits(images);
    const criterion = targeted(leastLikely(valuesOf(logits), classesOf(context.criterion)));
    logits.dispose();
    return iterate(context, steps, async (current) => {
      const gradient = await gradientAt({ ...context, criterion }, current);
      const moved = signStep(tf, { images: current, gradient, origin: images, alpha, epsilon });
      gradient.dispose();
      return moved;
    });
  },
});

/** For each image the class with the smallest logit that isn't its label; among equal ones the first. */
function leastLikely(logits: Float32Array, labels: Int32Array): Int32Array {
  const classes = logits.length / labels.length;
  return labels.map((label, image) => {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    let least = label === 0 ? 1 : 0;
    for (let k = 0; k < classes; k++) if (k !== label && row[k]! < row[least]!) least = k;
    return least;
  });
}
