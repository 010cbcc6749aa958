import type { CaptureRecord } from '../../lab/api.ts';
import type { Sheet } from '../../lab/vision/live.ts';

/** What of a run's sheets has been photographed, and what is missing. */

/** What this needs of a capture's record. */
export type Captured = Pick<CaptureRecord, 'name' | 'sheet' | 'reasons' | 'decision' | 'crops'>;

/** How well an image has been photographed so far. */
export type CellState = 'missing' | 'poor' | 'good';

export interface SheetCoverage {
  readonly sheet: number;
  /** Photographs of the sheet with at least one image that counts. */
  readonly views: number;
  readonly wanted: number;
  /** The best crop so far of each cell, in the order of the sheet's cells. */
  readonly cells: readonly CellState[];
  /** Images that have as many good crops as views are wanted. */
  readonly complete: number;
  /** More views are wanted. */
  readonly missing: boolean;
}

/** Whether a crop counts, as the lab counts them: what a person decided of it, then of the photograph, then the grades. */
function isGood({ reasons, decision }: Captured, crop: Captured['crops'][number]): boolean {
  const decided = crop.decision ?? decision;
  return decided === undefined ? reasons.length + crop.reasons.length === 0 : decided === 'included';
}

/** Each sheet's coverage, in the order of the sheets. */
export function coverageOf(
  sheets: readonly Sheet[],
  captures: readonly Captured[],
  wanted: number,
): SheetCoverage[] {
  return sheets.map(({ sheet, cells }) => {
    const own = captures.filter((capture) => capture.sheet === sheet);
    const views = own.filter((capture) => capture.crops.some((crop) => isGood(capture, crop))).length;
    const counts = cells.map(({ image }) => {
      const crops = own.flatMap((capture) =>
        capture.crops
          .filter(({ variant, source }) => variant === image.variant && source === image.source)
          .map((crop) => isGood(capture, crop)),
      );
      return { good: crops.filter(Boolean).length, seen: crops.length };
    });
    return {
      sheet,
      views,
      wanted,
      cells: counts.map(({ good, seen }) => (good > 0 ? 'good' : seen > 0 ? 'poor' : 'missing')),
      complete: counts.filter(({ good }) => good >= wanted).length,
      missing: counts.some(({ good }) => good < wanted),
    };
  });
}

/** What is still missing, in a line: `12 of 80 images on 2 sheets want more views`. */
export function missingWords(coverage: readonly SheetCoverage[]): string {
  const open = coverage.filter(({ missing }) => missing);
  if (coverage.length === 0) return '';
  if (open.length === 0) return 'Every image has its views';
  const all = coverage.reduce((sum, { cells }) => sum + cells.length, 0);
  const done = coverage.reduce((sum, { complete }) => sum + complete, 0);
  const sheets = open.length === 1 ? `sheet ${open[0]!.sheet}` : `${open.length} sheets`;
  return `${all - done} of ${all} images want more views, on ${sheets}`;
}
