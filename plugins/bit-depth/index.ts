import { defineDefense, imagesOf, valuesOf } from '@halftone/sdk';

/** x ↦ round(x · (2ᵇ − 1)) / (2ᵇ − 1), straight through backwards. Xu, Evans, Qi (2018), section III.A. */
export default defineDefense({
  type: 'transform',
  name: 'bit-depth',
  title: 'Bit-depth reduction',
  summary: 'Rounds every value to few levels: changes smaller than half a level vanish.',
  paper: {
    authors: 'Weilin Xu, David Evans, Yanjun Qi',
    title: 'Feature Squeezing: Detecting Adversarial Examples in Deep Neural Networks',
    year: 2018,
    url: 'https://arxiv.org/abs/1704.01155',
  },
  departures: [
    'The paper compares predictions with and without squeezing to detect; here the squeezed image alone is classified.',
  ],
  parameters: {
    bits: {
      type: 'integer',
      min: 1,
      max: 8,
      default: 4,
      help: 'Bits that are left of each value. Fewer remove more; the paper takes 1 for MNIST, 4 or 5 for photographs.',
    },
  },
  async apply({ tf, images, parameters: { bits } }) {
    const steps = 2 ** bits - 1;
    const out = valuesOf(images).map((value) => Math.round(value * steps) / steps);
    return { images: imagesOf(tf, out, images.shape) };
  },
});
