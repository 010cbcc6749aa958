import { defineChannel } from '@halftone/sdk';
import { chain, clip01, passImages, pointwise } from '@halftone/sdk/image';

/** x + b, cut off at [0, 1]. Kurakin, Goodfellow, Bengio (2017), section 4.4. */
export default defineChannel({
  name: 'brightness',
  title: 'Brightness',
  summary: 'Adds the same to every value: a brighter or a darker picture.',
  paper: {
    authors: 'Alexey Kurakin, Ian J. Goodfellow, Samy Bengio',
    title: 'Adversarial Examples in the Physical World',
    year: 2017,
    url: 'https://arxiv.org/abs/1607.02533',
  },
  departures: ['The paper gives no formula: what is added here are sRGB values.'],
  parameters: {
    change: {
      type: 'number',
      unit: 'intensity',
      min: -1,
      max: 1,
      default: 30 / 255,
      help: 'What is added to each value; below 0 it gets darker.',
    },
  },
  async apply(context) {
    const { change } = context.parameters;
    const add = pointwise(
      1,
      (value) => value + change,
      () => 1,
    );
    return passImages(context, () => chain(add, clip01));
  },
});
