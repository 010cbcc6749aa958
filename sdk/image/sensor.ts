import type { Random } from '../random.ts';
import type { Operation } from './operation.ts';

/** Multiplies each value by a factor of its own. */
export function gains(factors: Float32Array): Operation {
  const times = (values: Float32Array) => values.map((value, i) => value * factors[i]!);
  return (input) => ({ values: times(input), pullback: times });
}

/**
 * Shot noise, which grows with the signal, and the read-out's, which doesn't: values of 1 are a full well of
 * `fullWell` electrons, the read-out adds `readNoise` electrons (standard deviation).
 */
export function sensorNoise(
  { fullWell, readNoise }: { readonly fullWell: number; readonly readNoise: number },
  random: Random,
): Operation {
  const own = (readNoise / fullWell) ** 2;
  const shot = 1 / fullWell;
  return (input) => {
    const noise = Float32Array.from(input, () => random.normal());
    const deviation = (signal: number) => Math.sqrt(own + shot * Math.max(0, signal) + 1e-12);
    return {
      values: input.map((signal, i) => signal + deviation(signal) * noise[i]!),
      pullback: (cotangent) =>
        cotangent.map((one, i) => {
          const slope = input[i]! > 0 ? (0.5 * shot * noise[i]!) / deviation(input[i]!) : 0;
          return one * (1 + slope);
        }),
    };
  };
}
