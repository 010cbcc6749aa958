import { sideWidth } from '../finder/edge-width.ts';
import type { FoundSheet } from '../finder/finding.ts';
import type { Light } from '../finder/light.ts';
import type { Point } from '../finder/plane.ts';

/** How wide the rim of one mark is seen, from 10 to 90% of the step in linear light, in pixels. */
export interface RimWidth {
  readonly id: number;
  /** Middle of the mark in the frame. */
  readonly place: Point;
  /** Across its left and right sides, and across its upper and lower ones. Undefined where nothing could be measured. */
  readonly across: number | undefined;
  readonly down: number | undefined;
}

/** The rims of the marks that were read. */
export function rimWidths(light: Light, { markers }: FoundSheet): RimWidth[] {
  return markers.map(({ id, corners }) => {
    const widths = corners.map((corner, i) => sideWidth(light, corner, corners[(i + 1) % 4]!));
    return {
      id,
      place: middleOf(corners),
      down: mean([widths[0], widths[2]]),
      across: mean([widths[1], widths[3]]),
    };
  });
}

function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function middleOf(corners: readonly Point[]): Point {
  return {
    x: corners.reduce((sum, { x }) => sum + x, 0) / corners.length,
    y: corners.reduce((sum, { y }) => sum + y, 0) / corners.length,
  };
}
