/** Numbers as people type them into fields. */

export interface NumberBounds {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean | undefined;
}

/** What a field's text says: a value, or what is wrong with it. */
export type ReadNumber = { value: number; problem?: undefined } | { value?: undefined; problem: string };

const decimal = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const fraction = new RegExp(`^(${decimal})(?:\\s*/\\s*(${decimal}))?$`, 'i');

/** A number as people write it: `0.03`, `8/255`, `1e-3`; NaN for anything else. */
export function readNumber(text: string): number {
  const match = fraction.exec(text.trim());
  if (match === null) return Number.NaN;
  return Number(match[1]) / Number(match[2] ?? 1);
}

/** A field's text within its bounds, in words where it isn't. */
export function readNumberIn(text: string, { min, max, integer }: NumberBounds): ReadNumber {
  const value = readNumber(text);
  if (!Number.isFinite(value))
    return { problem: text.trim() === '' ? 'A number is missing' : 'Not a number' };
  if (integer && !Number.isInteger(value)) return { problem: 'Not a whole number' };
  // Beyond, neighbours are one number.
  if (integer && !Number.isSafeInteger(value)) return { problem: 'Too large' };
  const low = min ?? Number.NEGATIVE_INFINITY;
  const high = max ?? Number.POSITIVE_INFINITY;
  if (value >= low && value <= high) return { value };
  if (Number.isFinite(low) && Number.isFinite(high)) return { problem: `Between ${low} and ${high}` };
  return { problem: value < low ? `At least ${low}` : `At most ${high}` };
}

/** Numbers of a list with commas or blanks between them: `2/255, 4/255`. NaN stands for what is none. */
export function readNumbers(text: string): number[] {
  return text
    .replaceAll(/\s*\/\s*/g, '/')
    .split(/[;,\s]+/)
    .filter(Boolean)
    .map(readNumber);
}
