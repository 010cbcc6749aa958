/** Rows drawn above and below the window, so that something is there when they come. */
const MARGIN = 1;

/** A window on rows of one height; all in pixels, `step` from one row's top to the next one's. */
export interface Sight {
  readonly step: number;
  readonly top: number;
  readonly height: number;
}

/**
 * Which rows are drawn, by the element that draws each. A row keeps its element while it is in sight, and the element
 * of one that left draws the one that came: nothing is made while scrolling.
 */
export function placesOf({ count, step, top, height }: Sight & { readonly count: number }): number[] {
  if (height <= 0) return [];
  const elements = Math.min(count, Math.ceil(height / step) + 1 + 2 * MARGIN);
  const first = Math.max(0, Math.min(Math.floor(top / step) - MARGIN, count - elements));
  return Array.from({ length: elements }, (_, element) => {
    const ahead = (element - first) % elements;
    return first + (ahead < 0 ? ahead + elements : ahead);
  });
}

/** Where to scroll for a row to be whole in sight; where it is already, nowhere. */
export function scrollTo(row: number, { step, top, height }: Sight): number {
  const start = row * step;
  if (start < top) return start;
  return Math.max(top, start + step - height);
}
