import type { Random } from '@halftone/sdk';
import {
  applyTaps,
  demosaic,
  gaussianBlur,
  Jpeg,
  motionTaps,
  seenChannel,
  sharpen,
  toneOf,
  WHITE_LEVEL,
} from '@halftone/sdk/image';
import type { Raster } from '../raster.ts';
import { noiseMask, normalNoise } from './noise.ts';
import type { CameraSettings, View } from './settings.ts';

/**
 * What a camera makes of the light on its sensor: blur and motion, exposure with noise, one colour a pixel, the
 * curve, sharpening, JPEG. Changes `light`, [height, width, 3], on the way.
 *
 * @param white light of the paper, for the exposure to go by.
 */
export function photograph(
  light: Float32Array,
  camera: CameraSettings,
  view: View,
  white: number,
  random: Random,
): Raster {
  const { width, height } = camera;
  const plane = { width, height, channels: 3 };
  const seen =
    view.motion < 0.3 ? light : applyTaps(light, plane, motionTaps(view.motion, view.motionDirection));
  gaussianBlur(seen, plane, Math.hypot(camera.blur, view.defocus));
  const gain = (WHITE_LEVEL * 2 ** view.exposure) / white;
  const gains = [0, 1, 2].map((c) => gain * view.lightColour[c]! * camera.whiteBalance[c]!);
  if (camera.bayer) demosaic(readMosaic(seen, camera, gains, random), width, height, seen);
  else readColours(seen, camera, gains, random);
  return { width, height, data: develop(seen, camera) };
}

/** Shot noise and the read-out's on light, cut off where the sensor is full: one value a pixel, in Bayer's pattern. */
function readMosaic(
  light: Float32Array,
  { width, height, fullWell, readNoise }: CameraSettings,
  gains: readonly number[],
  random: Random,
): Float32Array {
  const noise = normalNoise();
  const own = (readNoise / fullWell) ** 2;
  const shot = 1 / fullWell;
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = random.bits();
    for (let x = 0; x < width; x++) {
      const channel = seenChannel(x, y);
      const at = y * width + x;
      const signal = light[at * 3 + channel]! * gains[channel]!;
      const read = signal + Math.sqrt(own + shot * signal) * noise[(start + x) & noiseMask]!;
      values[at] = read < 0 ? 0 : read > 1 ? 1 : read;
    }
  }
  return values;
}

/** The same where every pixel sees all three colours; in place. */
function readColours(
  light: Float32Array,
  { width, height, fullWell, readNoise }: CameraSettings,
  gains: readonly number[],
  random: Random,
): void {
  const noise = normalNoise();
  const own = (readNoise / fullWell) ** 2;
  const shot = 1 / fullWell;
  const row = width * 3;
  for (let y = 0; y < height; y++) {
    const start = random.bits();
    for (let x = 0, at = y * row; x < row; x++, at++) {
      const signal = light[at]! * gains[x % 3]!;
      light[at] = signal + Math.sqrt(own + shot * signal) * noise[(start + x) & noiseMask]!;
    }
  }
}

const toneSteps = 4096;

/** From the sensor's values to levels. */
function develop(values: Float32Array, camera: CameraSettings): Uint8Array {
  const { width, height, contrast, sharpening, jpegQuality } = camera;
  const tone = Float32Array.from({ length: toneSteps + 1 }, (_, i) => 255 * toneOf(i / toneSteps, contrast));
  for (let i = 0; i < values.length; i++) {
    const light = values[i]!;
    values[i] = tone[light <= 0 ? 0 : light >= 1 ? toneSteps : (light * toneSteps + 0.5) | 0]!;
  }
  sharpen(values, width, height, sharpening);
  if (jpegQuality > 0) {
    for (let i = 0; i < values.length; i++) values[i] = Math.round(clampedLevel(values[i]!));
    new Jpeg(width, height).apply(values, jpegQuality);
  }
  const levels = new Uint8Array(values.length);
  for (let i = 0; i < levels.length; i++) levels[i] = clampedLevel(values[i]!) + 0.5;
  return levels;
}

function clampedLevel(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
