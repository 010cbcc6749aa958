import type { RecipeInput } from '../../lab/api.ts';

/** The first run of a newcomer: road signs, printed by a simulated laser and photographed by a simulated webcam. */
export const demoRecipe: RecipeInput = {
  name: 'road-signs',
  seed: 1,
  model: 'signs-residual',
  others: ['signs-plain', 'signs-separable'],
  data: { set: 'signs', count: 20, shuffle: 1 },
  attacks: [
    { attack: 'fgsm', each: { epsilon: ['16/255', '32/255'] } },
    { attack: 'bim', each: { epsilon: ['16/255', '32/255'] } },
  ],
  compare: ['bim', 'fgsm'],
  captures: [{ simulate: { printer: 'office-laser', camera: 'webcam-1080p', views: 2 } }],
};

/** The walk of every run, a line a step. */
export const fourSteps = [
  { page: 'Bench', text: 'Change images with attacks until the model mistakes them.' },
  { page: 'Print', text: 'Lay the images on sheets with marks that a camera finds, and print them.' },
  { page: 'Capture', text: 'Hold the sheets before a webcam, or photograph them.' },
  { page: 'Measure', text: 'See how much of each attack survived print and camera.' },
] as const;
