/** Numbers and errors as people read them. */

/** A share of 1 as a percentage with one decimal: `0.3642` is `36.4%`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

const units = ['B', 'kB', 'MB', 'GB'] as const;

/** A size in bytes with at most three digits before its unit: `4950000` is `5.0 MB`, `512` is `512 B`. */
export function fileSize(bytes: number): string {
  // 999.95 would round up to 1000.0.
  const power = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, bytes * 1.00005)) / 3)),
  );
  return power === 0 ? `${bytes} B` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** An error's own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a person who reports an error would copy: its code and where it came from; empty where there is no more. */
export function detailsOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error ? `code: ${String(error.code)}` : '';
  return [code, error.stack ?? ''].filter(Boolean).join('\n');
}

/**
 * How an image of this size is shown in a box: small ones at the largest whole-number zoom that fits, so that a
 * pixel is a square; large ones scaled down, which has to be said beside them.
 */
export function zoomInto(box: number, width: number, height: number): number {
  const fit = Math.min(box / width, box / height);
  return fit >= 1 ? Math.floor(fit) : fit;
}

/** The zoom in words: `shown ×8`, or `shown at 64%`; nothing at ×1. */
export function zoomWords(zoom: number): string {
  if (zoom === 1) return '';
  return zoom > 1 ? `shown ×${zoom}` : `shown at ${Math.round(100 * zoom)}%`;
}

/** A rough time in words: `<1 s`, `8 s`, `3 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 1) return '<1 s';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** A count with its noun: `1 image`, `2 images`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`;
}

/** A share of n images with its 95% interval; shares and ends 0 to 1. */
export interface Rate {
  readonly share: number;
  readonly n: number;
  readonly low: number;
  readonly high: number;
  /** Of the n; from the share where it isn't given. */
  readonly successes?: number;
}

/** A rate's parts in words. The half-width is half of the interval; it needn't lie evenly about the share. */
export function shownRate({ share, n, low, high, successes }: Rate) {
  return {
    share: percent(share),
    half: (50 * (high - low)).toFixed(1),
    count: `${successes ?? Math.round(share * n)}/${n}`,
  };
}

/** `36.4% ±9.3 (37/102)`; `–` without images. */
export function rateWords(rate: Rate): string {
  const { share, half, count } = shownRate(rate);
  return rate.n === 0 ? '–' : `${share} ±${half} (${count})`;
}

/** `95% interval: 27.6% to 46.1%`. */
export function shownBounds({ low, high }: Rate): string {
  return `95% interval: ${percent(low)} to ${percent(high)}`;
}

/** The place of the true label in words: rank 0 is `1st`, 4 is `5th`. */
export function rankWords(rank: number): string {
  const place = rank + 1;
  const teens = place % 100 >= 11 && place % 100 <= 13;
  const ending = teens
    ? 'th'
    : (({ 1: 'st', 2: 'nd', 3: 'rd' } as Record<number, string>)[place % 10] ?? 'th');
  return `${place}${ending}`;
}
