/**
 * Differentiable operations on pictures: plain arrays, [height, width, channels], in and out. Channels that attacks
 * train through are chains of these, and the simulated camera uses the same ones forwards.
 */

/** What an operation made of a picture, and the way back. */
export interface Passed {
  readonly values: Float32Array;
  /** From a cotangent at the values to the one at the operation's input. Both are left as they are. */
  pullback(cotangent: Float32Array): Float32Array;
}

/** Makes new values; leaves its input as it is, and keeps what it needs of it. */
export type Operation = (values: Float32Array) => Passed;

/** One operation after the other. */
export function chain(...operations: readonly Operation[]): Operation {
  return (input) => {
    const passed: Passed[] = [];
    for (const operation of operations) passed.push(operation(passed.at(-1)?.values ?? input));
    return {
      values: passed.at(-1)?.values ?? input.slice(),
      pullback: (cotangent) => passed.reduceRight((back, stage) => stage.pullback(back), cotangent),
    };
  };
}

/** A function of each value by itself; `slope` is its derivative. `channel` is the value's channel of `channels`. */
export function pointwise(
  channels: number,
  value: (input: number, channel: number) => number,
  slope: (input: number, channel: number) => number,
): Operation {
  return (input) => ({
    values: input.map((one, i) => value(one, i % channels)),
    pullback: (cotangent) => cotangent.map((one, i) => one * slope(input[i]!, i % channels)),
  });
}

/** What has no derivative worth following: the cotangent passes as it is. Athalye, Carlini, Wagner (2018): BPDA. */
export function straightThrough(change: (values: Float32Array) => void): Operation {
  return (input) => {
    const values = input.slice();
    change(values);
    return { values, pullback: (cotangent) => cotangent.slice() };
  };
}

/** Cuts off what lies outside [0, 1]; what is cut off has no slope. */
export const clip01: Operation = pointwise(
  1,
  (value) => Math.min(1, Math.max(0, value)),
  (value) => (value > 0 && value < 1 ? 1 : 0),
);
