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
