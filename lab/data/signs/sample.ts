import { type Random, seeded } from '@halftone/sdk';
import { Jpeg } from '@halftone/sdk/image';
import type { SplitName } from '../sets/types.ts';
import { texelsFor, variantNumber } from './artwork.ts';
import { BackgroundPainter } from './background.ts';
import { Camera } from './camera.ts';
import { signClasses } from './drawings/catalogue.ts';
import { Lighting } from './light.ts';
import { drawPose, projection } from './pose.ts';
import { warp } from './warp.ts';
import { Wear } from './wear.ts';

/** What is drawn as image `index` of a split: classes take turns, and within each class its variants. */
export interface Subject {
  readonly label: number;
  readonly variant: number;
}

export function subjectOf(index: number): Subject {
  const label = index % signClasses.length;
  const round = Math.floor(index / signClasses.length);
  return { label, variant: round % signClasses[label]!.variants.length };
}

/**
 * The random numbers of image `index`. The split's name is part of every stream's key, so that no seed makes
 * training draw the stream of a test image.
 */
export function streamOf(split: SplitName, seed: number, index: number): Random {
  return seeded('signs').derive(split).derive(seed).derive(index);
}

/** Draws samples of one size. One for a thread: it keeps its scratch memory. */
export class SignRenderer {
  readonly #artwork: SharedArrayBuffer;
  readonly #size: number;
  readonly #image: Float32Array;
  readonly #layer: Float32Array;
  readonly #background: BackgroundPainter;
  readonly #wear: Wear;
  readonly #lighting: Lighting;
  readonly #camera: Camera;
  readonly #jpeg: Jpeg;
  readonly #levels: Float32Array;

  /** @param size edge in pixels, a multiple of 16. */
  constructor(artwork: SharedArrayBuffer, size: number) {
    this.#artwork = artwork;
    this.#size = size;
    this.#image = new Float32Array(size * size * 3);
    this.#levels = new Float32Array(size * size * 3);
    this.#layer = new Float32Array(size * size * 4);
    this.#background = new BackgroundPainter(size);
    this.#wear = new Wear(size);
    this.#lighting = new Lighting(size);
    this.#camera = new Camera(size);
    this.#jpeg = new Jpeg(size);
  }

  /** Writes a sample to `to`, [size, size, 3], float32 in [0, 1], every value a level k/255. */
  render({ label, variant }: Subject, random: Random, to: Float32Array): void {
    this.#background.paint(this.#image, random.derive('background'));
    this.#hang(variantNumber(label, variant), random.derive('sign'));
    this.#lighting.apply(this.#image, random.derive('light'));
    const shot = random.derive('camera');
    this.#camera.take(this.#image, this.#levels, shot);
    if (shot.uniform() < 0.6) this.#jpeg.apply(this.#levels, 40 + shot.integer(56));
    for (let i = 0; i < to.length; i++) to[i] = ((this.#levels[i]! + 0.5) | 0) / 255;
  }

  /** Puts the sign before the background. */
  #hang(variant: number, random: Random): void {
    const pose = drawPose(random);
    const texels = texelsFor(this.#artwork, variant, pose.scale * this.#size);
    warp(texels, projection(pose, this.#size), this.#size, this.#layer);
    this.#wear.apply(this.#layer, random);
    for (let i = 0, at = 0; i < this.#layer.length; i += 4, at += 3) {
      const through = 1 - this.#layer[i + 3]!;
      for (let c = 0; c < 3; c++) this.#image[at + c] = through * this.#image[at + c]! + this.#layer[i + c]!;
    }
  }
}
