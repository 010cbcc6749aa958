import { defineChannel } from '@halftone/sdk';
import { chain, clip01, type Operation, passImages } from '@halftone/sdk/image';

/** x + n, n normal and drawn anew for each value, cut off at [0, 1]. Kurakin, Goodfellow, Bengio (2017), section 4.4. */
export default defineChannel({
  name: 'gaussian-noise',
  title: 'Gaussian noise',
  summary: 'Adds noise of its own to every value.',
  paper: {
    authors: 'Alexey Kurakin, Ian J. Goodfellow, Samy Bengio',
    title: 'Adversarial Examples in the Physical World',
    year: 2017,
    url: 'https://arxiv.org/abs/1607.02533',
  },
  departures: [],
  parameters: {
    deviation: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: 10 / 255,
      help: 'Standard deviation of the noise.',
    },
  },
  async apply(context) {
    const { deviation } = context.parameters;
    return passImages(context, (_, random) => {
      const noise: Operation = (input) => ({
        values: input.map((value) => value + random.normal(0, deviation)),
        pullback: (cotangent) => cotangent,
      });
      return chain(noise, clip01);
    });
  },
});
