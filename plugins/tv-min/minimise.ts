/** One image, [height, width, channels], in [0, 1]. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float32Array;
}

/** Step sizes of the dual and the primal variable: their product times the gradient's squared norm, 8, is 1. */
const sigma = 1 / Math.sqrt(8);
const tau = 1 / Math.sqrt(8);

/**
 * The z that makes ½ Σ keep · (z − x)² + weight · TV(z) small, clipped to [0, 1]; TV is the sum over pixels of the
 * length of (right − here, below − here), in every channel for itself. Chambolle and Pock (2011), algorithm 1 with
 * θ = 1, from the image with dropped pixels filled in from their neighbours.
 *
 * @param keep [height · width], 0 for a pixel that is dropped, else 1
 */
export function minimiseVariation(
  image: Image,
  keep: Uint8Array,
  { weight, steps }: { readonly weight: number; readonly steps: number },
): Float32Array {
  const { height, width, channels, data } = image;
  const out = new Float32Array(data.length);
  const plane = new Float32Array(height * width);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < plane.length; i++) plane[i] = data[i * channels + channel]!;
    const solved = solve({ width, height, values: plane, keep }, weight, steps);
    for (let i = 0; i < plane.length; i++) {
      out[i * channels + channel] = Math.min(1, Math.max(0, solved[i]!));
    }
  }
  return out;
}

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
  readonly keep: Uint8Array;
}

function solve({ width, height, values, keep }: Plane, weight: number, steps: number): Float32Array {
  const z = filledIn({ width, height, values, keep });
  const ahead = z.slice();
  const across = new Float32Array(z.length);
  const down = new Float32Array(z.length);
  for (let step = 0; step < steps; step++) {
    dualStep(ahead, across, down, { width, height, weight });
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const divergence =
          across[i]! - (x > 0 ? across[i - 1]! : 0) + down[i]! - (y > 0 ? down[i - width]! : 0);
        const moved = z[i]! + tau * divergence;
        const next = keep[i] === 0 ? moved : (moved + tau * values[i]!) / (1 + tau);
        ahead[i] = 2 * next - z[i]!;
        z[i] = next;
      }
    }
  }
  return z;
}

/** Climbs in the dual variable, one vector a pixel, and shortens to `weight` what is longer. */
function dualStep(
  z: Float32Array,
  across: Float32Array,
  down: Float32Array,
  { width, height, weight }: { width: number; height: number; weight: number },
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      // No neighbour, no difference: the dual stays 0 there.
      const a = x + 1 < width ? across[i]! + sigma * (z[i + 1]! - z[i]!) : 0;
      const d = y + 1 < height ? down[i]! + sigma * (z[i + width]! - z[i]!) : 0;
      const length = Math.sqrt(a * a + d * d);
      const scale = length > weight ? weight / length : 1;
      across[i] = a * scale;
      down[i] = d * scale;
    }
  }
}

/** Dropped pixels as the mean of the kept ones around them, in a window that grows until there are some. */
function filledIn({ width, height, values, keep }: Plane): Float32Array {
  return values.map((value, i) => {
    if (keep[i] === 1) return value;
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let reach = 1; reach < Math.max(width, height); reach++) {
      let sum = 0;
      let count = 0;
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
        for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
          if (keep[v * width + u] === 0) continue;
          sum += values[v * width + u]!;
          count += 1;
        }
      }
      if (count > 0) return sum / count;
    }
    return value;
  });
}
