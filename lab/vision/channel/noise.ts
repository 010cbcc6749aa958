import { seeded } from '@halftone/sdk';

/** What an index into the noise is cut to. */
export const noiseMask = 2 ** 18 - 1;

let table: Float32Array | undefined;

/**
 * Normal noise, drawn once: a fresh draw for every pixel would cost more than the rest of a frame. Each row of a
 * picture reads it from a place of its own.
 */
export function normalNoise(): Float32Array {
  if (table === undefined) {
    const random = seeded('sensor noise');
    table = Float32Array.from({ length: noiseMask + 1 }, () => random.normal());
  }
  return table;
}
