import { defineAttack, imageViews } from '@halftone/sdk';
import { layPatch, learnPatch, placementOf } from './learn.ts';

/**
 * Adversarial patch: one picture that, laid anywhere on any image of the set, turned and scaled and seen through the
 * channel, brings the class wanted; p ← p + Adam(∇_p E[log P(t | A(p, x, place))]), clipped to [0, 1]. Brown, Mané,
 * Roy, Abadi, Gilmer (2017), section 2.
 */
export default defineAttack({
  name: 'patch',
  title: 'Adversarial patch',
  summary:
    'One picture for all images of the set, to print and lay beside things: it covers a part and changes no more.',
  paper: {
    authors: 'Tom B. Brown, Dandelion Mané, Aurko Roy, Martín Abadi, Justin Gilmer',
    title: 'Adversarial Patch',
    year: 2017,
    url: 'https://arxiv.org/abs/1712.09665',
  },
  departures: [
    'Without a target it climbs the cross-entropy with the labels, where the paper has targets alone.',
    'Each placement is seen through the channel that the user chose; the paper has turns, scales and places alone.',
  ],
  access: 'white-box',
  needs: ['channel'],
  criteria: ['untargeted', 'targeted'],
  norm: 'l0',
  scope: 'set',
  parameters: {
    size: {
      type: 'number',
      min: 0.02,
      max: 1,
      default: 0.4,
      help: 'Side of the patch, as a share of the image’s shorter side. Larger fools more.',
    },
    shape: { type: 'choice', choices: ['disc', 'square'], default: 'disc', help: 'Outline of the patch.' },
    turn: {
      type: 'number',
      unit: 'degrees',
      min: 0,
      max: 180,
      default: 22.5,
      help: 'It is turned by up to so much to either side.',
    },
    shrink: {
      type: 'number',
      min: 0.05,
      max: 1,
      default: 0.8,
      help: 'It is laid at this share of its size up to the whole, drawn evenly.',
    },
    steps: {
      type: 'integer',
      min: 1,
      max: 1_000_000,
      default: 250,
      help: 'Steps of Adam, one batch of images each.',
    },
    batch: {
      type: 'integer',
      min: 1,
      max: 1024,
      default: 16,
      help: 'Images a step, each with a placement and a passage of its own.',
    },
    rate: { type: 'number', min: 1e-6, max: 10, default: 0.05, help: 'Step size of Adam.' },
  },
  async run(context) {
    const { tf, model, images, randoms, parameters } = context;
    const { height, width, channels } = model.input;
    const side = parameters.size * Math.min(height, width);
    const form = { side: Math.max(1, Math.round(side)), channels, shape: parameters.shape };
    const { turn, shrink } = parameters;
    const scene = { images: imageViews(images), size: { height, width }, form, side, turn, shrink };
    const patch = await learnPatch(context, scene, parameters);
    const placements = randoms.map((random) => placementOf(scene, random.derive('final')));
    return layPatch(tf, scene, patch, [...placements.keys()], placements);
  },
});
