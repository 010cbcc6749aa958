/**
 * sRGB (IEC 61966-2-1) and the linear light that it stands for. Shade, blur and noise act on light, so pictures
 * are put together in linear units and encoded at the end, as a camera does.
 */

/** Linear light, in [0, 1], of the 256 levels of sRGB. */
export const lightOfLevel = Float32Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

const steps = 8192;
const levelOfStep = Float32Array.from({ length: steps + 1 }, (_, step) => {
  const light = step / steps;
  return 255 * (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055);
});

/** The sRGB level, 0 to 255, not rounded, of a light; light beyond [0, 1] is cut off. */
export function levelOf(light: number): number {
  return levelOfStep[light <= 0 ? 0 : light >= 1 ? steps : (light * steps + 0.5) | 0]!;
}

/** Three linear values. */
export type Light = readonly [red: number, green: number, blue: number];

/** The light of an sRGB colour written #rrggbb. */
export function lightOf(hex: string): Light {
  const channel = (at: number): number => lightOfLevel[Number.parseInt(hex.slice(at, at + 2), 16)]!;
  return [channel(1), channel(3), channel(5)];
}
