import { defineChannel } from '@halftone/sdk';
import { Jpeg, passImages, straightThrough } from '@halftone/sdk/image';

/** What a JPEG file loses. Kurakin, Goodfellow, Bengio (2017), section 4.4. */
export default defineChannel({
  name: 'jpeg',
  title: 'JPEG',
  summary: 'Saves as JPEG and opens again.',
  paper: {
    authors: 'Alexey Kurakin, Ian J. Goodfellow, Samy Bengio',
    title: 'Adversarial Examples in the Physical World',
    year: 2017,
    url: 'https://arxiv.org/abs/1607.02533',
  },
  departures: ['Rounding has no slope: gradients pass straight through.'],
  parameters: {
    quality: {
      type: 'integer',
      min: 1,
      max: 100,
      default: 75,
      help: 'Quality from 1 to 100, as most programs count it. Lower loses more.',
    },
  },
  async apply(context) {
    const { quality } = context.parameters;
    const [, height, width, channels] = context.images.shape;
    const file = new Jpeg(width, height);
    const lose = (values: Float32Array) => {
      for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]! * 255);
      if (channels === 1) file.applyGrey(values, quality);
      else file.apply(values, quality);
      for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i]!) / 255;
    };
    return passImages(context, () => straightThrough(lose));
  },
});
