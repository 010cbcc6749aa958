/** Adam's settings; the paper's values by default but for the rate. */
export interface AdamSettings {
  /** Step size α. */
  readonly rate: number;
  /** Decay of the mean of the gradients; 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of their squares; 0.999. */
  readonly beta2?: number;
  /** 1e-8. */
  readonly epsilon?: number;
}

/** Adam on one block of variables: Kingma and Ba (2015), algorithm 1. Departures: none. */
export class Adam {
  readonly #settings: Required<AdamSettings>;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #step = 0;

  constructor(size: number, { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamSettings) {
    this.#settings = { rate, beta1, beta2, epsilon };
    this.#mean = new Float64Array(size);
    this.#square = new Float64Array(size);
  }

  /** Moves the variables down the slope, in place. Both are as long as was said. */
  descend(variables: Float64Array, slope: Float64Array): void {
    const { rate, beta1, beta2, epsilon } = this.#settings;
    this.#step += 1;
    const meanScale = 1 / (1 - beta1 ** this.#step);
    const squareScale = 1 / (1 - beta2 ** this.#step);
    const mean = this.#mean;
    const square = this.#square;
    for (let i = 0; i < variables.length; i++) {
      const g = slope[i]!;
      const m = beta1 * mean[i]! + (1 - beta1) * g;
      const v = beta2 * square[i]! + (1 - beta2) * g * g;
      mean[i] = m;
      square[i] = v;
      variables[i]! -= (rate * m * meanScale) / (Math.sqrt(v * squareScale) + epsilon);
    }
  }
}
