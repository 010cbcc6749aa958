/** Pictures as pixels: RGBA, eight bits, as a canvas has them. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel, row by row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** How much a difference is amplified. */
export const gains = [1, 8, 32] as const;
export type Gain = (typeof gains)[number];

/** What stands for 'no difference'. */
const MIDDLE = 128;

/**
 * `changed` less `source`, times `gain`, centred on mid-grey and cut at black and white. Undefined where the two
 * aren't of one size.
 */
export function difference(source: Pixels, changed: Pixels, gain: number): Pixels | undefined {
  const { width, height } = source;
  if (changed.width !== width || changed.height !== height) return undefined;
  const data = new Uint8ClampedArray(source.data.length).fill(255);
  const [one, two] = [source.data, changed.data];
  for (let at = 0; at < data.length; at += 4) {
    for (let i = at; i < at + 3; i += 1) data[i] = MIDDLE + gain * (two[i]! - one[i]!);
  }
  return { width, height, data };
}

/** The gain after this one; after the last the first. */
export function nextGain(gain: Gain): Gain {
  return gains[(gains.indexOf(gain) + 1) % gains.length]!;
}

/** A place in a picture, in whole pixels from the top left. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The pixel under a point of a picture that is shown at this size; undefined beside it. */
export function placeAt(
  picture: { readonly width: number; readonly height: number },
  point: Place,
  shown: { readonly width: number; readonly height: number },
): Place | undefined {
  const x = Math.floor((point.x / shown.width) * picture.width);
  const y = Math.floor((point.y / shown.height) * picture.height);
  const inside = x >= 0 && y >= 0 && x < picture.width && y < picture.height;
  return inside ? { x, y } : undefined;
}

/** The same place in a picture of another size: a photograph's crop may be larger than its source. */
export function scaledPlace(place: Place, from: Sized, to: Sized): Place {
  const along = (at: number, size: number, other: number) =>
    Math.min(other - 1, Math.floor(((at + 0.5) / size) * other));
  return { x: along(place.x, from.width, to.width), y: along(place.y, from.height, to.height) };
}

type Sized = Pick<Pixels, 'width' | 'height'>;

/** A pixel's values, 0 to 255: one where all channels are alike, else red, green and blue. */
export function valuesAt({ width, data }: Pixels, { x, y }: Place): readonly number[] {
  const at = 4 * (y * width + x);
  const [r, g, b] = data.subarray(at, at + 3);
  return r === g && g === b ? [r!] : [r!, g!, b!];
}

/** How far one pixel went from another, a value a channel with its sign: `+8 −3 0`. */
export function changeWords(source: readonly number[], changed: readonly number[]): string {
  const count = Math.max(source.length, changed.length);
  const all = (values: readonly number[]) => (values.length === 1 ? Array(count).fill(values[0]) : values);
  const [one, two] = [all(source), all(changed)];
  return one.map((value, i) => signed(two[i] - value)).join(' ');
}

function signed(value: number): string {
  if (value === 0) return '0';
  return value > 0 ? `+${value}` : `−${-value}`;
}
