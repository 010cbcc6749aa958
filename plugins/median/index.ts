import { defineDefense, imagesOf, valuesOf } from '@halftone/sdk';
import { medianOf } from './filter.ts';

/** Every value replaced by the median of its window, in its own channel. Xu, Evans, Qi (2018), section III.B. */
export default defineDefense({
  type: 'transform',
  name: 'median',
  title: 'Median filter',
  summary: 'Replaces every value by the median around it: single odd pixels vanish, edges stay.',
  paper: {
    authors: 'Weilin Xu, David Evans, Yanjun Qi',
    title: 'Feature Squeezing: Detecting Adversarial Examples in Deep Neural Networks',
    year: 2018,
    url: 'https://arxiv.org/abs/1704.01155',
  },
  departures: [
    'The paper compares predictions with and without squeezing to detect; here the smoothed image alone is classified.',
  ],
  parameters: {
    window: {
      type: 'integer',
      min: 1,
      max: 9,
      default: 3,
      help: 'Side of the window, in pixels. Larger removes more, and fine detail with it.',
    },
  },
  async apply({ tf, images, parameters: { window } }) {
    const { values, chosen } = medianOf(valuesOf(images), images.shape, window);
    return {
      images: imagesOf(tf, values, images.shape),
      pullback: (cotangent) => {
        const slopes = valuesOf(cotangent);
        const out = new Float32Array(slopes.length);
        for (let i = 0; i < slopes.length; i++) out[chosen[i]!]! += slopes[i]!;
        return imagesOf(tf, out, cotangent.shape);
      },
    };
  },
});
