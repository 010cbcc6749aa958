import { defineDefense, imagesOf, valuesOf } from '@halftone/sdk';
import { minimiseVariation } from './minimise.ts';

/**
 * Some pixels are dropped at random; the image is put together again as the one of least total variation that fits
 * the rest. Guo et al. (2018), section 3. The backward pass goes straight through, as in the attack of Athalye,
 * Carlini and Wagner (2018) on it: a reconstruction stays close to its image.
 */
export default defineDefense({
  type: 'transform',
  name: 'tv-min',
  title: 'Total variation minimisation',
  summary:
    'Drops pixels at random and rebuilds the smoothest image that fits the rest: small changes are lost.',
  paper: {
    authors: 'Chuan Guo, Mayank Rana, Moustapha Cisse, Laurens van der Maaten',
    title: 'Countering Adversarial Images using Input Transformations',
    year: 2018,
    url: 'https://arxiv.org/abs/1711.00117',
  },
  departures: [
    'Half the squared distance to the kept pixels, where the paper takes the distance itself.',
    'Isotropic total variation (Rudin, Osher, Fatemi 1992), where the paper sums norms of whole rows and columns.',
    'Solved by the primal-dual method of Chambolle and Pock (2011) in a fixed number of steps.',
  ],
  parameters: {
    weight: {
      type: 'number',
      min: 0,
      max: 10,
      default: 0.03,
      help: 'What variation counts for against closeness. Larger makes smoother images.',
    },
    drop: {
      type: 'number',
      min: 0,
      max: 0.95,
      default: 0.5,
      help: 'Share of pixels that are dropped. Larger hides more of the attack, and of the image.',
    },
    steps: {
      type: 'integer',
      min: 1,
      max: 10_000,
      default: 60,
      help: 'Steps of the solver. More come closer to the minimum.',
    },
  },
  async apply({ tf, images, parameters, randoms }) {
    const [count, height, width, channels] = images.shape;
    const size = height * width * channels;
    const out = new Float32Array(images.size);
    const { drop } = parameters;
    for (let i = 0; i < count; i++) {
      const image = { height, width, channels, data: valuesOf(images).subarray(i * size, (i + 1) * size) };
      // A pixel goes with all its channels.
      const keep = Uint8Array.from({ length: height * width }, () => (randoms[i]!.uniform() < drop ? 0 : 1));
      out.set(minimiseVariation(image, keep, parameters), i * size);
    }
    return { images: imagesOf(tf, out, images.shape) };
  },
});
