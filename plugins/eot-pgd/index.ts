import {
  checkRadius,
  defineAttack,
  expectedGradient,
  imageViews,
  iterate,
  l2Step,
  normParameter,
  radiusParameter,
  signStep,
  stackImages,
  startInBall,
} from '@halftone/sdk';

/**
 * Expectation over transformation: projected gradient steps on E_t[J(t(x'), y)], t a passage through the channel, its
 * gradient the mean over passages drawn anew at each step. Athalye, Engstrom, Ilyas, Kwok (2018), section 2.1; the
 * steps are those of Madry et al. (2018).
 */
export default defineAttack({
  name: 'eot-pgd',
  title: 'Expectation over transformation',
  summary:
    'PGD on the mean over many passages through a simulated print and camera: changes that are made to survive them.',
  paper: {
    authors: 'Anish Athalye, Logan Engstrom, Andrew Ilyas, Kevin Kwok',
    title: 'Synthesizing Robust Adversarial Examples',
    year: 2018,
    url: 'https://arxiv.org/abs/1707.07397',
  },
  departures: [
    'Keeps to a ball (L∞ or L2) by projection, where the paper penalises the distance in LAB colour.',
    'Where the channel has no gradient (rounding, JPEG), its cotangent passes straight through.',
  ],
  access: 'white-box',
  needs: ['channel'],
  criteria: ['untargeted', 'targeted'],
  norm: { parameter: 'norm' },
  budget: 'epsilon',
  parameters: {
    norm: normParameter,
    epsilon: radiusParameter,
    samples: {
      type: 'integer',
      min: 1,
      max: 10_000,
      default: 10,
      help: 'Passages through the channel a step, one gradient each. More steady the direction.',
    },
    steps: { type: 'integer', min: 1, max: 100_000, default: 40, help: 'Number of steps.' },
    alpha: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1000,
      default: { rule: 'ε/10', from: (values) => (values.epsilon as number) / 10 },
      help: 'Length of a step, in the units of ε.',
    },
    randomStart: {
      type: 'boolean',
      default: false,
      help: 'Start at a point drawn evenly from the ball; if not, at the image itself.',
    },
  },
  async run(context) {
    const { tf, images, randoms, parameters } = context;
    const { norm, epsilon, alpha, steps, samples, randomStart } = parameters;
    checkRadius(norm, epsilon);
    const move = norm === 'linf' ? signStep : l2Step;
    const [, height, width, channels] = images.shape;
    const views = imageViews(images);
    const start = randomStart
      ? stackImages(
          tf,
          views.map((view, row) => startInBall(norm, view, epsilon, randoms[row]!.derive('start'))),
          [height, width, channels],
        )
      : images;
    const climb = (current: typeof images, index: number) =>
      expectedGradient(
        context,
        current,
        randoms.map((random) => random.derive(index)),
        samples,
      );
    try {
      return await iterate({ ...context, images: start }, steps, async (current, index) => {
        const gradient = await climb(current, index);
        const moved = move(tf, { images: current, gradient, origin: images, alpha, epsilon });
        gradient.dispose();
        return moved;
      });
    } finally {
      if (start !== images) start.dispose();
    }
  },
});
