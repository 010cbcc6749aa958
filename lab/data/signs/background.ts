import type { Random } from '@halftone/sdk';
import { type Light, lightOf } from './colour.ts';
import { fillField, type Grain, smoothStep } from './field.ts';

/** A surface: two or three colours between which noise chooses. */
interface Surface extends Grain {
  readonly colours: readonly Light[];
  /** How far the noise is spread about its middle: more gives harder edges. */
  readonly contrast: number;
}

function surface(colours: string, grain: Grain, contrast: number): Surface {
  return { ...grain, contrast, colours: colours.split(' ').map(lightOf) };
}

const skies: readonly Surface[] = [
  surface('#5f8fc8 #9dbde0 #eef3f7', { cells: 1, layers: 4, persistence: 0.5, stretch: 2 }, 1.4),
  surface('#b8c0c8 #d4d9dd #f0f1f2', { cells: 1, layers: 3, persistence: 0.5 }, 1),
  surface('#3d6fb3 #5d93d0', { cells: 1, layers: 1, persistence: 0.5 }, 1),
  surface('#4a5568 #7a8290 #a5a9ae', { cells: 2, layers: 4, persistence: 0.6, stretch: 2 }, 1.3),
];

const grounds: readonly Surface[] = [
  surface('#1c2a12 #3f5a22 #8aa04a', { cells: 5, layers: 4, persistence: 0.8 }, 2.2),
  surface('#23301b #4c6a35 #6f8f52', { cells: 9, layers: 3, persistence: 0.9 }, 2),
  surface('#5b3a1e #a0682c #d39a45', { cells: 7, layers: 3, persistence: 0.9 }, 2),
  surface('#3c3c3e #56565a #747478', { cells: 3, layers: 5, persistence: 0.9 }, 1.2),
  surface('#8e8a82 #b3aea4 #cbc6bb', { cells: 2, layers: 5, persistence: 0.7 }, 1.2),
  surface('#7a3b2c #9c5240 #b97c66', { cells: 6, layers: 3, persistence: 0.8, stretch: 2.5 }, 2),
  surface('#6e5a41 #8d7656 #b39b77', { cells: 4, layers: 4, persistence: 0.8 }, 1.6),
  surface('#2b2f36 #5f6a78 #c4ccd2', { cells: 4, layers: 2, persistence: 0.5, stretch: 0.3 }, 2.5),
];

const paper = surface('#dcdad4 #ecebe7 #f6f6f4', { cells: 1, layers: 2, persistence: 0.4 }, 0.8);

function choose<T>(list: readonly T[], random: Random): T {
  return list[random.integer(list.length)]!;
}

function someColour(random: Random): Light {
  const [value, tint] = [random.uniform(0.02, 0.8), random.uniform(0, 0.8)];
  return [0, 1, 2].map(() => value * (1 - tint * random.uniform())) as [number, number, number];
}

/** Two colours that nobody chose, for what the list of surfaces hasn't got. */
function someSurface(random: Random): Surface {
  const colours = [someColour(random), someColour(random), someColour(random)];
  return {
    colours,
    cells: 1 + random.integer(8),
    layers: 1 + random.integer(4),
    persistence: random.uniform(0.4, 1),
    stretch: 2 ** random.uniform(-1.5, 1.5),
    contrast: random.uniform(0.8, 3),
  };
}

/** Draws what is behind a sign. One for a thread: it keeps its scratch memory. */
export class BackgroundPainter {
  readonly #size: number;
  readonly #field: Float32Array;

  constructor(size: number) {
    this.#size = size;
    this.#field = new Float32Array(size * size);
  }

  /** Fills `image`, [size, size, 3], linear light: a surface, or two that meet, with things before them. */
  paint(image: Float32Array, random: Random): void {
    const kind = random.uniform();
    if (kind < 0.1) {
      this.#spread(image, paper, random, undefined);
      return;
    }
    const first = kind < 0.45 ? choose(skies, random) : this.#ground(random);
    this.#spread(image, first, random, undefined);
    if (random.uniform() < 0.6)
      this.#spread(image, this.#ground(random), random, drawHorizon(this.#size, random));
    for (let things = random.integer(4); things > 0; things--) this.#box(image, random);
    if (random.uniform() < 0.6) this.#post(image, random);
  }

  #ground(random: Random): Surface {
    return random.uniform() < 0.75 ? choose(grounds, random) : someSurface(random);
  }

  #spread(image: Float32Array, what: Surface, random: Random, horizon: Horizon | undefined): void {
    const size = this.#size;
    const field = this.#field;
    fillField(field, size, what, random);
    const ramp = rampOf(what, random.uniform(0.7, 1.2));
    for (let i = 0; i < field.length; i++) {
      const noise = field[i]!;
      const cover = horizon === undefined ? 1 : below(horizon, i % size, (i / size) | 0, noise);
      if (cover === 0) continue;
      const from = ((noise * (rampSteps - 1)) | 0) * 3;
      for (let c = 0; c < 3; c++) {
        const at = i * 3 + c;
        // Not what was there plus a difference: rounding would let the picture before show through.
        image[at] = (1 - cover) * image[at]! + cover * ramp[from + c]!;
      }
    }
  }

  /** A box of one colour, lit from one side: a building, a window, a car, another sign. */
  #box(image: Float32Array, random: Random): void {
    const size = this.#size;
    const colour = someColour(random);
    const [width, height] = [random.uniform(0.05, 0.5) * size, random.uniform(0.05, 0.6) * size];
    const [left, top] = [random.uniform(-0.2, 1) * size, random.uniform(-0.2, 1) * size];
    const slope = random.uniform(-0.7, 0.7);
    fillRectangle(image, size, { left, top, width, height }, (x) =>
      colour.map((value) => value * (1 + slope * ((x - left) / width - 0.5))),
    );
  }

  /** The post that the sign stands on, grey and round. */
  #post(image: Float32Array, random: Random): void {
    const size = this.#size;
    const width = random.uniform(0.04, 0.1) * size;
    const left = random.uniform(0.4, 0.6) * size - width / 2;
    const [shine, value] = [random.uniform(0.2, 0.8), random.uniform(0.1, 0.5)];
    const top = random.uniform() < 0.5 ? 0 : 0.5 * size;
    fillRectangle(image, size, { left, top, width, height: size }, (x) => {
      const light = value * (1.2 - 1.8 * Math.abs((x - left) / width - shine));
      return [light, light, 1.03 * light];
    });
  }
}

const rampSteps = 256;

/** A surface's light for each of 256 values of its noise from 0 to 1, [256, 3]. */
function rampOf({ colours, contrast }: Surface, gain: number): Float32Array {
  const ramp = new Float32Array(rampSteps * 3);
  const last = colours.length - 1;
  for (let step = 0; step < rampSteps; step++) {
    const noise = step / (rampSteps - 1);
    const place = Math.max(0, Math.min(1, 0.5 + (noise - 0.5) * contrast * 1.6)) * last;
    const low = Math.min(Math.floor(place), last - 1);
    for (let c = 0; c < 3; c++) {
      const [from, to] = [colours[low]![c]!, colours[low + 1]![c]!];
      ramp[step * 3 + c] = gain * (from + (place - low) * (to - from));
    }
  }
  return ramp;
}

/** A line across the image below which the ground lies; its edge is as ragged as the ground. */
interface Horizon {
  /** Where it crosses the middle column, in pixels from the top. */
  readonly height: number;
  /** Pixels down for each pixel to the right. */
  readonly slope: number;
  readonly middle: number;
  /** Half the width of the passage, in pixels. */
  readonly softness: number;
  /** How far noise moves the edge, in pixels. */
  readonly raggedness: number;
}

function drawHorizon(size: number, random: Random): Horizon {
  return {
    height: random.uniform(0.15, 0.95) * size,
    slope: random.normal(0, 0.12),
    middle: size / 2,
    softness: random.uniform(0.01, 0.12) * size,
    raggedness: random.uniform(0, 0.6) * size,
  };
}

/** How far a pixel is ground, 0 to 1. */
function below(horizon: Horizon, x: number, y: number, noise: number): number {
  const edge = horizon.height + horizon.slope * (x - horizon.middle) + horizon.raggedness * (noise - 0.5);
  return smoothStep(-horizon.softness, horizon.softness, y - edge);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function fillRectangle(
  image: Float32Array,
  size: number,
  { left, top, width, height }: Box,
  light: (x: number) => readonly number[],
): void {
  const [fromY, toY] = [Math.max(0, Math.round(top)), Math.min(size, Math.round(top + height))];
  for (let x = Math.max(0, Math.round(left)); x < Math.min(size, Math.round(left + width)); x++) {
    const value = light(x + 0.5).map((each) => Math.max(0, each));
    for (let y = fromY; y < toY; y++) {
      for (let c = 0; c < 3; c++) image[(y * size + x) * 3 + c] = value[c]!;
    }
  }
}
