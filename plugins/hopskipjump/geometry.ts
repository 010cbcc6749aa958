import { distances, type Random } from '@halftone/sdk';

/** What the two norms do differently. */
export interface Geometry {
  readonly norm: 'l2' | 'linf';
  /** Where a search towards the image begins: at all of the change, on the scale of `between`. */
  farthest(image: Float32Array, origin: Float32Array): number;
  /** A point between the image before the attack (0) and another (`farthest`). */
  between(image: Float32Array, origin: Float32Array, at: number): Float32Array;
  /** How near a search comes to the boundary, on the scale of `between`. `values` in an image. */
  tolerance(gamma: number, values: number, farthest: number): number;
  /** Radius of the sphere on which the model is asked about the boundary's slope. */
  probe(gamma: number, values: number, distance: number): number;
  /** One number of a direction to ask about. */
  draw(random: Random): number;
  /** The way to step, from the estimated slope of length 1. */
  step(slope: Float64Array): Float64Array;
}

/** Chen, Jordan, Wainwright (2020), L2: θ = γ / d^1.5 and δ = √d · θ · distance. */
const l2: Geometry = {
  norm: 'l2',
  farthest: () => 1,
  between: (image, origin, at) => origin.map((value, i) => (1 - at) * value + at * image[i]!),
  tolerance: (gamma, values) => gamma / values ** 1.5,
  probe: (gamma, values, distance) => (gamma / values) * distance,
  draw: (random) => random.normal(),
  step: (slope) => slope,
};

/** L∞: θ = γ / d² and δ = d · θ · distance. */
const linf: Geometry = {
  norm: 'linf',
  farthest: (image, origin) => distances('linf', image, origin, 1)[0]!,
  between: (image, origin, at) =>
    origin.map((value, i) => Math.min(Math.max(image[i]!, value - at), value + at)),
  tolerance: (gamma, values, farthest) => (gamma / values ** 2) * Math.min(farthest, 1),
  probe: (gamma, values, distance) => (gamma / values) * distance,
  draw: (random) => random.uniform(-1, 1),
  step: (slope) => slope.map(Math.sign),
};

/** The geometry of a norm. */
export const geometryOf = { l2, linf } as const;
