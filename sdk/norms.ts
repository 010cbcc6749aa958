/**
 * Distances between images, and projection into their balls: what a budget means. Plain arrays, image after
 * image; everybody (plugins, the host that enforces, the measurements) shares these.
 */

/** L∞: largest change of a value. L2: Euclidean. L1: sum of changes. L0: number of changed values. */
export type NormName = 'linf' | 'l2' | 'l1' | 'l0';

/** How a norm measures a change of one image and how it shrinks it into a ball. */
interface Norm {
  measure(changed: Float32Array, origin: Float32Array): number;
  /** Writes into `out` the point of the ball (radius > 0, and the change is outside it) nearest to `changed`. */
  shrink(changed: Float32Array, origin: Float32Array, radius: number, out: Float32Array): void;
}

const norms: Readonly<Record<NormName, Norm>> = {
  linf: {
    measure(changed, origin) {
      let worst = 0;
      for (let i = 0; i < changed.length; i++) worst = Math.max(worst, Math.abs(changed[i]! - origin[i]!));
      return worst;
    },
    shrink(changed, origin, radius, out) {
      for (let i = 0; i < out.length; i++) {
        const delta = changed[i]! - origin[i]!;
        out[i] = origin[i]! + Math.min(Math.max(delta, -radius), radius);
      }
    },
  },
  l2: {
    measure(changed, origin) {
      let sum = 0;
      for (let i = 0; i < changed.length; i++) sum += (changed[i]! - origin[i]!) ** 2;
      return Math.sqrt(sum);
    },
    shrink(changed, origin, radius, out) {
      const scale = radius / norms.l2.measure(changed, origin);
      for (let i = 0; i < out.length; i++) out[i] = origin[i]! + (changed[i]! - origin[i]!) * scale;
    },
  },
  l1: {
    measure(changed, origin) {
      let sum = 0;
      for (let i = 0; i < changed.length; i++) sum += Math.abs(changed[i]! - origin[i]!);
      return sum;
    },
    // Duchi, Shalev-Shwartz, Singer, Chandra, 'Efficient Projections onto the l1-Ball' (ICML 2008), figure 1.
    shrink(changed, origin, radius, out) {
      const sizes = magnitudes(changed, origin).sort().reverse();
      let sum = 0;
      let threshold = 0;
      for (let k = 0; k < sizes.length; k++) {
        sum += sizes[k]!;
        const candidate = (sum - radius) / (k + 1);
        if (sizes[k]! <= candidate) break;
        threshold = candidate;
      }
      for (let i = 0; i < out.length; i++) {
        const delta = changed[i]! - origin[i]!;
        out[i] = origin[i]! + Math.sign(delta) * Math.max(Math.abs(delta) - threshold, 0);
      }
    },
  },
  l0: {
    measure(changed, origin) {
      let count = 0;
      for (let i = 0; i < changed.length; i++) if (changed[i]! !== origin[i]!) count += 1;
      return count;
    },
    // The largest changes stay; among equal ones the first, so that the result is one and the same always.
    shrink(changed, origin, radius, out) {
      const sizes = magnitudes(changed, origin);
      const keep = Math.floor(radius);
      const order = Array.from(sizes.keys()).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
      out.set(origin);
      for (const i of order.slice(0, keep)) out[i] = changed[i]!;
    },
  },
};

/** Whether a word names a norm. */
export function isNormName(word: string): word is NormName {
  return Object.hasOwn(norms, word);
}

function magnitudes(a: Float32Array, b: Float32Array): Float64Array {
  return Float64Array.from(a, (value, i) => Math.abs(value - b[i]!));
}

/** Image `index` of `count` images in one block, as a view. */
function imageAt(data: Float32Array, index: number, count: number): Float32Array {
  const size = data.length / count;
  return data.subarray(index * size, (index + 1) * size);
}

/**
 * The distance of each image from its origin. Both blocks hold `count` images one after the other, in [0, 1]
 * units; the result, float64, has `count` numbers in the same units (L0: a number of values).
 */
export function distances(
  norm: NormName,
  changed: Float32Array,
  origin: Float32Array,
  count: number,
): Float64Array {
  return Float64Array.from({ length: count }, (_, index) =>
    norms[norm].measure(imageAt(changed, index, count), imageAt(origin, index, count)),
  );
}

/**
 * The pixels of each image that differ from its origin in any channel: what Su et al. (2017) and Carlini and Wagner
 * (2017) count under L0, where `distances` counts values. Blocks as in `distances`; `count` whole numbers.
 */
export function changedPixels(
  changed: Float32Array,
  origin: Float32Array,
  count: number,
  channels: number,
): Float64Array {
  const size = changed.length / count;
  const result = new Float64Array(count);
  for (let at = 0; at < changed.length; at += channels) {
    let differs = false;
    for (let c = at; c < at + channels; c++) if (changed[c]! !== origin[c]!) differs = true;
    if (differs) result[Math.floor(at / size)]! += 1;
  }
  return result;
}

/**
 * Each image brought into the ball of `radius` around its origin (the nearest point of the ball; images inside
 * it stay as they are). Shapes and units as `distances`; a new block comes back.
 */
export function project(
  norm: NormName,
  changed: Float32Array,
  origin: Float32Array,
  count: number,
  radius: number,
): Float32Array {
  const result = changed.slice();
  for (let index = 0; index < count; index++) {
    const from = imageAt(changed, index, count);
    const around = imageAt(origin, index, count);
    if (norms[norm].measure(from, around) <= radius) continue;
    const out = imageAt(result, index, count);
    if (radius === 0) out.set(around);
    else norms[norm].shrink(from, around, radius, out);
  }
  return result;
}
