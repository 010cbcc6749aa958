import { Adam, type AdamSettings } from './adam.ts';

/** Keeps arctanh finite for black and white: the factor of Carlini and Wagner's own code. */
const INSIDE = 0.999999;

/**
 * An image under descent that can't leave [0, 1]: x = (tanh(w) + 1) / 2, and Adam moves w. Carlini and Wagner (2017),
 * section V.B.
 */
export class TanhImage {
  /** The image now; to read, not to change: the next step writes it anew. */
  readonly values: Float32Array;
  readonly #variables: Float64Array;
  /** dx/dw at the image now. */
  readonly #rates: Float64Array;
  readonly #slopes: Float64Array;
  readonly #adam: Adam;

  /** Starts at an image (values in [0, 1]) to about 5e-7. */
  constructor(start: Float32Array, settings: AdamSettings) {
    this.#variables = Float64Array.from(start, (value) => Math.atanh((2 * value - 1) * INSIDE));
    this.values = new Float32Array(start.length);
    this.#rates = new Float64Array(start.length);
    this.#slopes = new Float64Array(start.length);
    this.#adam = new Adam(start.length, settings);
    this.#show();
  }

  /** One step of Adam down a loss, from the loss's slope at the image: d(loss)/dx for value i. */
  descend(slopeAt: (index: number) => number): void {
    const slopes = this.#slopes;
    for (let i = 0; i < slopes.length; i++) slopes[i] = slopeAt(i) * this.#rates[i]!;
    this.#adam.descend(this.#variables, slopes);
    this.#show();
  }

  #show(): void {
    const variables = this.#variables;
    for (let i = 0; i < variables.length; i++) {
      const t = Math.tanh(variables[i]!);
      this.values[i] = (t + 1) / 2;
      this.#rates[i] = (1 - t * t) / 2;
    }
  }
}
