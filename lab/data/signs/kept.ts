/**
 * Images that were drawn, kept as bytes so that the next epoch finds them: values are levels k/255, of which
 * nothing is lost. Nothing is ever given up for something newer: epochs go round, and would find none of it.
 */
export class KeptImages {
  readonly #values: number;
  readonly #most: number;
  readonly #images = new Map<number, Uint8Array>();

  /**
   * @param values numbers in an image.
   * @param bytes memory that may be taken.
   */
  constructor(values: number, bytes: number) {
    this.#values = values;
    this.#most = Math.floor(bytes / values);
  }

  has(index: number): boolean {
    return this.#images.has(index);
  }

  /** Writes a kept image to `to`, float32 in [0, 1]. */
  copy(index: number, to: Float32Array): void {
    const levels = this.#images.get(index)!;
    for (let i = 0; i < to.length; i++) to[i] = levels[i]! / 255;
  }

  /** Keeps an image, where there is room. */
  keep(index: number, image: Float32Array): void {
    if (this.#images.size >= this.#most || this.#images.has(index)) return;
    const levels = new Uint8Array(this.#values);
    for (let i = 0; i < levels.length; i++) levels[i] = (image[i]! * 255 + 0.5) | 0;
    this.#images.set(index, levels);
  }
}
