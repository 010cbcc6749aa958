import { defineAttack, epsilonParameter, gradientAt, iterate, signStep, stepsToEdge } from '@halftone/sdk';

/**
 * Basic iterative method: x₀' = x, x' ← clip_{x,ε}(x' + α · sign(∇ J(x', y))), clipped to the L∞ ball of radius ε
 * around x and to [0, 1] after each step; towards a target t, minus the gradient of J(x', t). sign(0) = 0.
 * Kurakin, Goodfellow, Bengio (2017), section 2.2.
 */
export default defineAttack({
  name: 'bim',
  title: 'Basic iterative method',
  summary:
    'Many small steps along the sign of the gradient, kept in the ε-ball: stronger than one step of ε.',
  paper: {
    authors: 'Alexey Kurakin, Ian J. Goodfellow, Samy Bengio',
    title: 'Adversarial Examples in the Physical World',
    year: 2017,
    url: 'https://arxiv.org/abs/1607.02533',
  },
  departures: ['The target is the one asked for, where the paper takes the least likely class.'],
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
      default: 1 / 255,
      help: 'Length of a step. Smaller follows the loss more closely and needs more steps.',
    },
    steps: {
      type: 'integer',
      min: 1,
      max: 100_000,
      default: {
        rule: 'min(ε·255 + 4, 1.25·ε·255), rounded up',
        from: (values) => stepsToEdge(values.epsilon as number),
      },
      help: 'Number of steps, one gradient each. More fool more, up to a point.',
    },
  },
  async run(context) {
    const { tf, images, parameters } = context;
    const { epsilon, alpha, steps } = parameters;
    return iterate(context, steps, async (current) => {
      const gradient = await gradientAt(context, current);
      const moved = signStep(tf, { images: current, gradient, origin: images, alpha, epsilon });
      gradient.dispose();
      return moved;
    });
  },
});
