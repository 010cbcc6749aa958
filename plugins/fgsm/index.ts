import { defineAttack, epsilonParameter, gradientAt, signStep } from '@halftone/sdk';

/**
 * Fast gradient sign method: x' = clip(x + ε · sign(∇ₓ J(x, y))), J the cross-entropy with the label; towards a
 * target t, x − ε · sign(∇ₓ J(x, t)). sign(0) = 0. Goodfellow, Shlens, Szegedy (2015), section 4.
 */
export default defineAttack({
  name: 'fgsm',
  title: 'Fast gradient sign method',
  summary: 'One step of length ε along the sign of the gradient. One gradient an image: the cheapest attack.',
  paper: {
    authors: 'Ian J. Goodfellow, Jonathon Shlens, Christian Szegedy',
    title: 'Explaining and Harnessing Adversarial Examples',
    year: 2015,
    url: 'https://arxiv.org/abs/1412.6572',
  },
  departures: ['The targeted form is that of Kurakin, Goodfellow and Bengio (2017): the paper has none.'],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: 'linf',
  budget: 'epsilon',
  parameters: {
    epsilon: epsilonParameter,
  },
  async run(context) {
    const { tf, images, parameters } = context;
    const { epsilon } = parameters;
    const gradient = await gradientAt(context, images);
    const adversarial = signStep(tf, { images, gradient, origin: images, alpha: epsilon, epsilon });
    gradient.dispose();
    return adversarial;
  },
});
