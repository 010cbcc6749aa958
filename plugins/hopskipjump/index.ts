import { askLabels, defineAttack, lockstep } from '@halftone/sdk';
import { attackImage } from './search.ts';

/**
 * HopSkipJump: walks along the boundary towards the image, from decisions alone. Each iteration asks about points
 * around one on the boundary for the boundary's slope there, steps along it, halving the step until it is on the
 * wanted side, and goes back to the boundary by binary search. Chen, Jordan, Wainwright (2020), algorithm 2.
 */
export default defineAttack({
  name: 'hopskipjump',
  title: 'HopSkipJump',
  summary:
    'The smallest change that its decisions alone let one find: the model answers with a class, no more.',
  paper: {
    authors: 'Jianbo Chen, Michael I. Jordan, Martin J. Wainwright',
    title: 'HopSkipJumpAttack: A Query-Efficient Decision-Based Attack',
    year: 2020,
    url: 'https://arxiv.org/abs/1904.02144',
  },
  departures: [
    'The nearest image of all iterations is kept, not the last.',
    'At the end the change grows by up to 2 times until the image still succeeds when rounded to eight bits (discretize).',
    'A targeted attack starts from noise that the model takes for the target, where the paper starts from an image of it; without such noise the image stays as it is.',
  ],
  access: 'decision',
  criteria: ['untargeted', 'targeted'],
  norm: { parameter: 'norm' },
  parameters: {
    norm: {
      type: 'choice',
      choices: ['l2', 'linf'],
      default: 'l2',
      help: 'What is kept small: the Euclidean length of the change (l2) or its largest value (linf).',
    },
    steps: {
      type: 'integer',
      min: 0,
      max: 100_000,
      default: 64,
      help: 'Iterations. Iteration t asks about initialEvals·√t images and some 25 more.',
    },
    initialEvals: {
      type: 'integer',
      min: 1,
      max: 1_000_000,
      default: 100,
      help: 'Images asked about for the first slope. More make it exacter.',
    },
    maxEvals: {
      type: 'integer',
      min: 1,
      max: 1_000_000,
      default: 10_000,
      help: 'Images asked about for one slope at most.',
    },
    gamma: {
      type: 'number',
      min: 1e-6,
      max: 1e6,
      default: 1,
      help: 'How far from the boundary it asks. Raise it for large images: 1 for 28×28, 100 for 224×224.',
    },
    initSize: {
      type: 'integer',
      min: 1,
      max: 1_000_000,
      default: 100,
      help: 'Images of noise that are tried for a start.',
    },
    discretize: {
      type: 'boolean',
      default: true,
      help: 'Let the change grow at the end until success outlives rounding to 256 levels. Off: as the paper.',
    },
  },
  run(context) {
    return lockstep(context, (task) => attackImage(task, context.parameters), askLabels(context));
  },
});
