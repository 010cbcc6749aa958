import {
  defineAttack,
  epsilonParameter,
  gradientAt,
  HalftoneError,
  imagesOf,
  imageViews,
  signStep,
} from '@halftone/sdk';

/**
 * Randomised fast gradient sign method: x' = x + α · sign(N(0, I)), x̃ = x' + (ε − α) · sign(∇ J(x', y)), each clipped
 * to [0, 1]. Tramèr, Kurakin, Papernot, Goodfellow, Boneh, McDaniel (2018), section 4.1. sign(0) = 0.
 */
export default defineAttack({
  name: 'rand-fgsm',
  title: 'Randomised fast gradient sign method',
  summary:
    'One random sign step, then one along the gradient: leaves the spot around an image where a trained-in defence masks its gradient.',
  paper: {
    authors:
      'Florian Tramèr, Alexey Kurakin, Nicolas Papernot, Ian J. Goodfellow, Dan Boneh, Patrick McDaniel',
    title: 'Ensemble Adversarial Training: Attacks and Defenses',
    year: 2018,
    url: 'https://arxiv.org/abs/1705.07204',
  },
  departures: ['The targeted form is that of Kurakin, Goodfellow and Bengio (2017): the paper has none.'],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: 'linf',
  budget: 'epsilon',
  parameters: {
    epsilon: epsilonParameter,
    alpha: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: { rule: 'ε/2', from: (values) => (values.epsilon as number) / 2 },
      help: 'Length of the random step, at most ε. The gradient step has the rest: ε − α.',
    },
  },
  async run(context) {
    const { tf, images, randoms, parameters } = context;
    const { epsilon, alpha } = parameters;
    if (alpha > epsilon) {
      throw new HalftoneError(
        'bad-argument',
        `rand-fgsm: alpha=${alpha} is above epsilon=${epsilon}; take less`,
      );
    }
    const noise = new Float32Array(images.size);
    const size = noise.length / randoms.length;
    for (const [row, origin] of imageViews(images).entries()) {
      for (const [i, value] of origin.entries()) {
        // The sign of a normal: each as likely.
        const moved = randoms[row]!.normal() < 0 ? value - alpha : value + alpha;
        noise[row * size + i] = Math.min(Math.max(moved, 0), 1);
      }
    }
    const start = imagesOf(tf, noise, images.shape);
    try {
      const gradient = await gradientAt(context, start);
      const step = { images: start, gradient, origin: images, alpha: epsilon - alpha, epsilon };
      const adversarial = signStep(tf, step);
      gradient.dispose();
      return adversarial;
    } finally {
      start.dispose();
    }
  },
});
