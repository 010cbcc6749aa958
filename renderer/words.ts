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
