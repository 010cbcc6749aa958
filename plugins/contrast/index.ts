import { defineChannel } from '@halftone/sdk';
import { chain, clip01, passImages, pointwise } from '@halftone/sdk/image';

/** 1/2 + c (x − 1/2), cut off at [0, 1]. Kurakin, Goodfellow, Bengio (2017), section 4.4. */
export default defineChannel({
  name: 'contrast',
  title: 'Contrast',
  summary: 'Moves every value away from middle grey, or towards it.',
  paper: {
    authors: 'Alexey Kurakin, Ian J. Goodfellow, Samy Bengio',
    title: 'Adversarial Examples in the Physical World',
    year: 2017,
    url: 'https://arxiv.org/abs/1607.02533',
  },
  departures: ['The paper gives no formula: sRGB values are scaled about one half.'],
  parameters: {
    factor: {
      type: 'number',
      min: 0,
      max: 10,
      default: 1.3,
      help: 'What differences from middle grey are multiplied by; below 1 the picture gets flatter.',
    },
  },
  async apply(context) {
    const { factor } = context.parameters;
    const scale = pointwise(
      1,
      (value) => 0.5 + factor * (value - 0.5),
      () => factor,
    );
    return passImages(context, () => chain(scale, clip01));
  },
});
