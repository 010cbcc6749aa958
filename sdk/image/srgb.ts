import { type Operation, pointwise } from './operation.ts';

/**
 * sRGB (IEC 61966-2-1) and the linear light that it stands for. Shade, blur and noise act on light, so pictures
 * are put together in linear units and encoded at the end, as a camera does.
 */

/** Linear light, in [0, 1], of the 256 levels of sRGB. */
export const lightOfLevel = Float32Array.from({ length: 256 }, (_, level) => lightOf(level / 255));

const steps = 8192;
const levelOfStep = Float32Array.from({ length: steps + 1 }, (_, step) => 255 * srgbOf(step / steps));

/** The sRGB level, 0 to 255, not rounded, of a light, from a table; light beyond [0, 1] is cut off. */
export function levelOf(light: number): number {
  return levelOfStep[light <= 0 ? 0 : light >= 1 ? steps : (light * steps + 0.5) | 0]!;
}

/** Linear light of an sRGB value in [0, 1]. */
export function lightOf(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** The sRGB value in [0, 1] of a light in [0, 1]. */
export function srgbOf(light: number): number {
  return light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
}

function lightSlope(value: number): number {
  return value <= 0.04045 ? 1 / 12.92 : (2.4 / 1.055) * ((value + 0.055) / 1.055) ** 1.4;
}

function srgbSlope(light: number): number {
  return light <= 0.0031308 ? 12.92 : (1.055 / 2.4) * light ** (1 / 2.4 - 1);
}

/** From sRGB values to light, as an operation on pictures. */
export const decodeSrgb: Operation = pointwise(1, lightOf, lightSlope);

/**
 * What a camera's curve makes of a light in [0, 1]: sRGB, and as much steeper in the middle as `contrast` (0 to 1)
 * says: by half of it at one half, flatter by all of it at both ends.
 */
export function toneOf(light: number, contrast: number): number {
  const value = srgbOf(light);
  return value + contrast * value * (1 - value) * (2 * value - 1);
}

/** The camera's curve as an operation on pictures. */
export function encodeTone(contrast: number): Operation {
  return pointwise(
    1,
    (light) => toneOf(light, contrast),
    (light) => {
      const value = srgbOf(light);
      return srgbSlope(light) * (1 + contrast * (6 * value - 6 * value * value - 1));
    },
  );
}
