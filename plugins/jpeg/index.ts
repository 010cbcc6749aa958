import { defineDefense, imagesOf, valuesOf } from '@halftone/sdk';
import { Jpeg } from '@halftone/sdk/image';

/**
 * JPEG compression: the image as it comes back from a JPEG file of this quality. The backward pass goes straight
 * through. Dziugaite, Ghahramani, Roy (2016); Guo et al. (2018), section 3.
 */
export default defineDefense({
  type: 'transform',
  name: 'jpeg',
  title: 'JPEG compression',
  summary: 'What a JPEG file of this quality keeps: fine structure that no eye misses is rounded away.',
  paper: {
    authors: 'Gintare Karolina Dziugaite, Zoubin Ghahramani, Daniel M. Roy',
    title: 'A study of the effect of JPG compression on adversarial images',
    year: 2016,
    url: 'https://arxiv.org/abs/1608.00853',
  },
  departures: [
    'Chroma is halved in both directions, as cameras and most encoders do; the paper does not say.',
  ],
  parameters: {
    quality: {
      type: 'integer',
      min: 1,
      max: 100,
      default: 75,
      help: "Of the JPEG file, as the Independent JPEG Group's library counts it. Lower removes more.",
    },
  },
  async apply({ tf, images, parameters: { quality } }) {
    const [count, height, width, channels] = images.shape;
    const jpeg = new Jpeg(width, height);
    const size = height * width * channels;
    const out = new Float32Array(images.size);
    for (let i = 0; i < count; i++) {
      const levels = valuesOf(images)
        .subarray(i * size, (i + 1) * size)
        .map((value) => Math.round(value * 255));
      if (channels === 1) jpeg.applyGrey(levels, quality);
      else jpeg.apply(levels, quality);
      // Decoders give whole levels.
      out.set(
        levels.map((level) => Math.round(level) / 255),
        i * size,
      );
    }
    return { images: imagesOf(tf, out, images.shape) };
  },
});
