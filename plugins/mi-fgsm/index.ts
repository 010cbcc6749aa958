import {
  defineAttack,
  epsilonParameter,
  gradientAt,
  imagesOf,
  imageViews,
  iterate,
  stepLinf,
  valuesOf,
} from '@halftone/sdk';

/**
 * Momentum iterative fast gradient sign method: g ← μ · g + ∇J(x', y) / ‖∇J(x', y)‖₁, x' ← clip_{x,ε}(x' + α · sign(g)),
 * from x₀' = x, g₀ = 0. sign(0) = 0; a gradient of zero adds nothing. Dong et al. (2018), algorithm 1 and, targeted,
 * section 3.3.
 */
export default defineAttack({
  name: 'mi-fgsm',
  title: 'Momentum iterative fast gradient sign method',
  summary: 'Sign steps along a running mean of gradients: made to carry over to models that it never saw.',
  paper: {
    authors: 'Yinpeng Dong, Fangzhou Liao, Tianyu Pang, Hang Su, Jun Zhu, Xiaolin Hu, Jianguo Li',
    title: 'Boosting Adversarial Attacks with Momentum',
    year: 2018,
    url: 'https://arxiv.org/abs/1710.06081',
  },
  departures: [
    'Clips to the ball and to [0, 1] after each step, where the paper relies on α = ε / steps alone.',
  ],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: 'linf',
  budget: 'epsilon',
  parameters: {
    epsilon: epsilonParameter,
    steps: {
      type: 'integer',
      min: 1,
      max: 100_000,
      default: 10,
      help: 'Number of steps, one gradient each.',
    },
    alpha: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: {
        rule: 'ε/steps',
        from: ({ epsilon, steps }) => (epsilon as number) / (steps as number),
      },
      help: 'Length of a step.',
    },
    decay: {
      type: 'number',
      min: 0,
      max: 10,
      default: 1,
      help: 'μ, how much of the running direction is kept; 0 is the basic iterative method.',
    },
  },
  async run(context) {
    const { tf, images, parameters } = context;
    const { epsilon, alpha, steps, decay } = parameters;
    const velocity = new Float32Array(images.size);
    return iterate(context, steps, async (current) => {
      const gradient = await gradientAt(context, current);
      accelerate(velocity, imageViews(gradient), decay);
      gradient.dispose();
      const step = {
        images: valuesOf(current),
        gradient: velocity,
        origin: valuesOf(images),
        alpha,
        epsilon,
      };
      const moved = imagesOf(tf, stepLinf(step, new Float32Array(velocity.length)), images.shape);
      return moved;
    });
  },
});

/** v ← μ · v + g / ‖g‖₁ for each image, in place. */
function accelerate(velocity: Float32Array, gradients: readonly Float32Array[], decay: number): void {
  for (const [row, gradient] of gradients.entries()) {
    let sum = 0;
    for (let i = 0; i < gradient.length; i++) sum += Math.abs(gradient[i]!);
    const scale = sum > 0 ? 1 / sum : 0;
    const offset = row * gradient.length;
    for (let i = 0; i < gradient.length; i++) {
      velocity[offset + i] = decay * velocity[offset + i]! + scale * gradient[i]!;
    }
  }
}
