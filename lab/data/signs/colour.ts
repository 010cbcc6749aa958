import { lightOfLevel } from '@halftone/sdk/image';

export { levelOf, lightOfLevel } from '@halftone/sdk/image';

/** Three linear values. */
export type Light = readonly [red: number, green: number, blue: number];

/** The light of an sRGB colour written #rrggbb. */
export function lightOf(hex: string): Light {
  const channel = (at: number): number => lightOfLevel[Number.parseInt(hex.slice(at, at + 2), 16)]!;
  return [channel(1), channel(3), channel(5)];
}
