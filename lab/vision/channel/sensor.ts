import { type Random, seeded } from '@halftone/sdk';
import { gaussianBlur, levelOf } from '@halftone/sdk/image';
import type { Raster } from '../raster.ts';
import type { CameraSettings, View } from './settings.ts';

/** Where white paper lies in the sensor's range at exposure 0. */
const whiteLevel = 0.7;

/** Normal noise drawn once: a fresh draw for every pixel would cost more than the rest of a frame. */
const noiseMask = 2 ** 18 - 1;
let noiseTable: Float32Array | undefined;

function normalNoise(): Float32Array {
  if (noiseTable === undefined) {
    const random = seeded('sensor noise');
    noiseTable = Float32Array.from({ length: noiseMask + 1 }, () => random.normal());
  }
  return noiseTable;
}

/**
 * What a camera makes of the light on its sensor; changes `light`, [height, width, 3], on the way.
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
  gaussianBlur(light, plane, Math.hypot(camera.blur, view.defocus));
  const gain = (whiteLevel * 2 ** view.exposure) / white;
  expose(light, camera, view, gain, random);
  const data = new Uint8Array(light.length);
  for (let i = 0; i < data.length; i++) data[i] = levelOf(light[i]!) + 0.5;
  return { width, height, data };
}

/** Light to the sensor's values, 1 when full, with shot noise and the read-out's. */
function expose(
  light: Float32Array,
  { width, height, fullWell, readNoise, whiteBalance }: CameraSettings,
  { lightColour }: View,
  gain: number,
  random: Random,
): void {
  const noise = normalNoise();
  const own = (readNoise / fullWell) ** 2;
  const shot = 1 / fullWell;
  const gains = [0, 1, 2].map((c) => gain * lightColour[c]! * whiteBalance[c]!);
  const row = width * 3;
  for (let y = 0; y < height; y++) {
    const start = random.bits();
    for (let x = 0, at = y * row; x < row; x++, at++) {
      const signal = light[at]! * gains[x % 3]!;
      light[at] = signal + Math.sqrt(own + shot * signal) * noise[(start + x) & noiseMask]!;
    }
  }
}
