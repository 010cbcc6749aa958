import { defineChannel } from '@halftone/sdk';
import { chain, clip01, gaussianBlurOf, passImages } from '@halftone/sdk/image';

/** A Gaussian blur of the values as they are. Kurakin, Goodfellow, Bengio (2017), section 4.4. */
export default defineChannel({
  name: 'gaussian-blur',
  title: 'Gaussian blur',
  summary: 'Each value becomes the weighted mean of its neighbours: a picture out of focus.',
  paper: {
    authors: 'Alexey Kurakin, Ian J. Goodfellow, Samy Bengio',
    title: 'Adversarial Examples in the Physical World',
    year: 2017,
    url: 'https://arxiv.org/abs/1607.02533',
  },
  departures: [],
  parameters: {
    sigma: {
      type: 'number',
      min: 0,
      max: 20,
      default: 1,
      help: 'Standard deviation in pixels of the image; below 0.15 nothing changes. More loses finer details.',
    },
  },
  async apply(context) {
    const { sigma } = context.parameters;
    return passImages(context, (plane) => chain(gaussianBlurOf(plane, sigma), clip01));
  },
});
