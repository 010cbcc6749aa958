import { classesOf, deepFool, defineAttack, imageViews, normParameter, stackImages } from '@halftone/sdk';

/**
 * DeepFool: r ← r + |f_l| / ‖w_l‖₂² · w_l for the class l whose boundary is nearest if the model is taken for linear
 * around x + (1 + η) r, f_l the difference of its logit and the label's and w_l that difference's gradient, until the
 * class changes. Moosavi-Dezfooli, Fawzi, Frossard (2016), algorithm 2 and equation 13 (L∞).
 */
export default defineAttack({
  name: 'deepfool',
  title: 'DeepFool',
  summary:
    'Steps onto the nearest boundary, as if the model were linear: a close estimate of the smallest change.',
  paper: {
    authors: 'Seyed-Mohsen Moosavi-Dezfooli, Alhussein Fawzi, Pascal Frossard',
    title: 'DeepFool: A Simple and Accurate Method to Fool Deep Neural Networks',
    year: 2016,
    url: 'https://arxiv.org/abs/1511.04599',
  },
  departures: [
    'As in the authors’ code, steps are 0.0001 longer and the overshoot is in every step’s image, not the last one’s alone.',
    'Images are clipped to [0, 1].',
    'The class to leave is the label: an image that is wrong before the attack stays as it is.',
  ],
  access: 'white-box',
  criteria: ['untargeted'],
  norm: { parameter: 'norm' },
  parameters: {
    norm: {
      ...normParameter,
      default: 'l2',
      help: 'What is kept small: the length of the change (l2) or its largest value (linf).',
    },
    steps: { type: 'integer', min: 1, max: 10_000, default: 50, help: 'Most steps for an image.' },
    candidates: {
      type: 'integer',
      min: 2,
      max: 10_000,
      default: 10,
      help: 'Classes looked at, the label and the likeliest others. More find nearer boundaries and cost a gradient each.',
    },
    overshoot: {
      type: 'number',
      min: 0,
      max: 10,
      default: 0.02,
      help: 'The change is stretched by 1 plus this. Larger outlives rounding to eight bits, print and camera better.',
    },
  },
  async run(context) {
    const { tf, images, criterion, parameters } = context;
    const [, height, width, channels] = images.shape;
    const shape = [height, width, channels] as const;
    const found = await deepFool(context, imageViews(images), shape, classesOf(criterion), parameters);
    return stackImages(
      tf,
      found.map(({ image }) => image),
      shape,
    );
  },
});
