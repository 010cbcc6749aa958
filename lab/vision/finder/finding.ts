import type { Sheet } from '../sheet/geometry.ts';
import type { Camera } from './lens.ts';
import type { Point } from './plane.ts';
import type { SheetMap } from './sheet-map.ts';

/** Why no sheet can be used. */
export type Refusal = 'none' | 'half' | 'two' | 'foreign' | 'mirrored' | 'blurred';

/** A mark of the sheet, as seen. */
export interface FoundMarker {
  readonly id: number;
  /** Corners in the frame, clockwise from the mark's own upper left. */
  readonly corners: readonly Point[];
  /** Correlation of its cells with what they should be. */
  readonly score: number;
}

/** A sheet in a frame. Plain data: it may be sent to a worker or written as JSON. */
export interface FoundSheet {
  readonly found: true;
  readonly sheet: Sheet;
  readonly map: SheetMap;
  /** The marks that could be read. */
  readonly markers: readonly FoundMarker[];
  /** The paper's corners in the frame, clockwise from the sheet's upper left. */
  readonly outline: readonly Point[];
  /** Root mean square distance of the marks' rims from where the map puts them, in pixels. */
  readonly residual: number;
  /** How far outward rims are seen, in pixels: ink that spreads, less what light and blur eat. */
  readonly rimOffset: number;
  /** Whether the QR code could be compared and says that the sheet is this run's. */
  readonly isConfirmed: boolean;
}

/** No sheet that can be used, in a word for programs and in words for people. */
export interface NoSheet {
  readonly found: false;
  readonly reason: Refusal;
  readonly message: string;
  /** Where a sheet was seen that can't be used. */
  readonly outline?: readonly Point[];
}

export type Finding = FoundSheet | NoSheet;

export interface FindOptions {
  /** The sheets that may be there: those of one run. */
  readonly sheets: readonly Sheet[];
  /** The camera, where it was calibrated. */
  readonly camera?: Camera | undefined;
  /** What was found in the frame before, in a live view: looked for at its place first. */
  readonly previous?: FoundSheet | undefined;
  /** Leaves out the second look, for marks of less than twelve pixels: half the time where there is no sheet. */
  readonly quick?: boolean | undefined;
}
