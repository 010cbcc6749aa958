/**
 * Binary search over the constant c that weighs success against distance, for one image: ten times as much after a
 * failure while nothing has succeeded, then halfway between the largest that failed and the smallest that
 * succeeded. Carlini and Wagner (2017), section VI.A, and their published code.
 */
export class ConstantSearch {
  #constant: number;
  #failed = 0;
  #succeeded = Number.POSITIVE_INFINITY;

  constructor(initial: number) {
    this.#constant = initial;
  }

  /** The one to try next. */
  get constant(): number {
    return this.#constant;
  }

  /** The smallest that has succeeded; infinite before the first. */
  get smallest(): number {
    return this.#succeeded;
  }

  /** Takes in how the constant did. */
  tried(success: boolean): void {
    if (success) this.#succeeded = Math.min(this.#succeeded, this.#constant);
    else this.#failed = Math.max(this.#failed, this.#constant);
    if (this.#succeeded < Number.POSITIVE_INFINITY) this.#constant = (this.#failed + this.#succeeded) / 2;
    else this.#constant *= 10;
  }
}
