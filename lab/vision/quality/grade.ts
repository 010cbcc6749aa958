import type { FoundSheet } from '../finder/finding.ts';
import type { Frame } from '../finder/frame.ts';
import { lightOf } from '../finder/light.ts';
import { type Point, rectangleCorners } from '../finder/plane.ts';
import { scaleAt, toFrame } from '../finder/sheet-map.ts';
import type { Cell } from '../sheet/geometry.ts';
import { glareOver } from './glare.ts';
import { type PaperLight, paperLight } from './paper.ts';
import { poseOf } from './pose.ts';
import { type RimWidth, rimWidths } from './sharpness.ts';

/** Where a photograph begins to be called poor. */
export const limits = {
  /** Width of edges: both in pixels and in mm on paper, so that fine photographs may be soft. */
  edgePixels: 4,
  edgeMm: 0.6,
  /** Width of edges along a movement over that across it. */
  motion: 1.7,
  /** Level of white paper, and share of it that may be full. */
  darkLevel: 95,
  clipped: 0.1,
  /** Share of an image that may glare. */
  glare: 0.02,
  /** Degrees. */
  angle: 55,
  /** Pixels an inch of paper. */
  dpi: 40,
} as const;

/** How good one image came out. */
export interface CropGrade {
  /** Index of the cell on its sheet. */
  readonly index: number;
  /** Width of edges near it, 10 to 90%, in pixels; null where no mark near it could be measured. */
  readonly edgeWidth: number | null;
  /** Pixels an inch of paper, in the direction where they are fewest. */
  readonly dpi: number;
  /** Share that a mirrored lamp covers. */
  readonly glare: number;
  /** Why it is poor, one line a fault; empty where it is good. */
  readonly faults: readonly string[];
}

/** How good a photograph of a sheet came out. */
export interface CaptureGrade {
  /** Width of edges, 10 to 90% in linear light, in pixels: the median of the marks. Null where none could be measured. */
  readonly edgeWidth: number | null;
  /** Level of white paper (its brightest channel), 0 to 255; null where too little of it is seen. */
  readonly paperLevel: number | null;
  /** Share of the paper where a channel is full. */
  readonly clipped: number;
  /** Share of the images that a mirrored lamp covers. */
  readonly glare: number;
  /** Degrees between the paper's normal and the line of sight; exact where the camera is calibrated. */
  readonly angle: number;
  /** mm from the camera; exact where the camera is calibrated. */
  readonly distance: number;
  /** Pixels an inch of paper, in the image where they are fewest. */
  readonly dpi: number;
  /** Share of the frame's width or height that the sheet takes, whichever is more. */
  readonly fill: number;
  /** Why it is poor, the worst first, one line a fault; empty where it is good. */
  readonly faults: readonly string[];
  /** In the order of the sheet's cells. */
  readonly crops: readonly CropGrade[];
}

/** Grades a photograph and each image in it, and says why what is poor is poor. */
export function gradeCapture(frame: Frame, found: FoundSheet): CaptureGrade {
  const rims = rimWidths(lightOf(frame), found);
  const paper = paperLight(frame, found);
  const { angle, distance } = poseOf(found.map, frame);
  const crops = found.sheet.cells.map((cell, index) => gradeCrop(frame, found, { cell, index }, rims, paper));
  const widths = rims.flatMap(({ across, down }) => [across, down].filter((width) => width !== undefined));
  const middle = { x: found.map.paper.width / 2, y: found.map.paper.height / 2 };
  const grade = {
    edgeWidth: middleValue(widths) ?? null,
    paperLevel: paper?.level ?? null,
    clipped: paper?.clipped ?? 0,
    glare: crops.reduce((sum, crop) => sum + crop.glare, 0) / Math.max(crops.length, 1),
    angle,
    distance,
    dpi: Math.min(scaleAt(found.map, middle).least * 25.4, ...crops.map(({ dpi }) => dpi)),
    fill: fillOf(frame, found.outline),
  };
  const faults = [
    ...exposureFaults(grade),
    ...focusFaults(grade, rims, scaleAt(found.map, middle).least),
    ...glareFaults(crops),
    ...(angle > limits.angle ? [`seen at ${angle.toFixed(0)}°: ${limits.angle}° are the most`] : []),
    ...(grade.dpi < limits.dpi
      ? [`too far: ${grade.dpi.toFixed(0)} dpi on paper, ${limits.dpi} are the least`]
      : []),
  ];
  return { ...grade, faults, crops };
}

function gradeCrop(
  frame: Frame,
  { map }: FoundSheet,
  { cell, index }: { cell: Cell; index: number },
  rims: readonly RimWidth[],
  paper: PaperLight | undefined,
): CropGrade {
  const corners = rectangleCorners(cell.x, cell.y, cell.width, cell.height);
  const scale = Math.min(...corners.map((corner) => scaleAt(map, corner).least));
  const edgeWidth = widthNear(
    rims,
    toFrame(map, { x: cell.x + cell.width / 2, y: cell.y + cell.height / 2 }),
  );
  const glare = paper === undefined ? 0 : glareOver(frame, map, cell, paper);
  const dpi = scale * 25.4;
  const faults = [
    ...(edgeWidth !== null && isBlurred(edgeWidth, scale)
      ? [`out of focus: edges are ${edgeWidth.toFixed(1)} px wide`]
      : []),
    ...(glare > limits.glare ? [`glare over ${Math.ceil(glare * 100)}% of it`] : []),
    ...(dpi < limits.dpi ? [`too far: ${dpi.toFixed(0)} dpi on paper`] : []),
  ];
  return { index, edgeWidth, dpi, glare, faults };
}

function isBlurred(edgeWidth: number, scale: number): boolean {
  return edgeWidth > limits.edgePixels && edgeWidth / scale > limits.edgeMm;
}

/** Widths of the marks' rims, weighed by nearness. */
function widthNear(rims: readonly RimWidth[], { x, y }: Point): number | null {
  let [sum, total] = [0, 0];
  for (const { place, across, down } of rims) {
    const width = Math.max(across ?? 0, down ?? 0);
    if (width === 0) continue;
    const weight = 1 / ((place.x - x) ** 2 + (place.y - y) ** 2 + 1);
    sum += weight * width;
    total += weight;
  }
  return total === 0 ? null : sum / total;
}

function exposureFaults({ paperLevel, clipped }: Pick<CaptureGrade, 'paperLevel' | 'clipped'>): string[] {
  if (clipped > limits.clipped)
    return [`over-exposed: ${Math.round(clipped * 100)}% of the paper is full white`];
  if (paperLevel !== null && paperLevel < limits.darkLevel) {
    return [`too dark: white paper is at level ${paperLevel.toFixed(0)} of 255`];
  }
  return [];
}

function focusFaults(
  { edgeWidth }: Pick<CaptureGrade, 'edgeWidth'>,
  rims: readonly RimWidth[],
  scale: number,
): string[] {
  const across = middleValue(rims.flatMap((rim) => rim.across ?? []));
  const down = middleValue(rims.flatMap((rim) => rim.down ?? []));
  if (across !== undefined && down !== undefined) {
    const [wide, narrow] = [Math.max(across, down), Math.min(across, down)];
    if (isBlurred(wide, scale) && wide > limits.motion * narrow) {
      const one = across > down ? 'across' : 'along';
      return [
        `moved: edges are ${wide.toFixed(1)} px wide ${one} the sheet, ${narrow.toFixed(1)} px the other way`,
      ];
    }
  }
  return edgeWidth !== null && isBlurred(edgeWidth, scale)
    ? [`out of focus: edges are ${edgeWidth.toFixed(1)} px wide`]
    : [];
}

function glareFaults(crops: readonly CropGrade[]): string[] {
  const glaring = crops.filter(({ glare }) => glare > limits.glare).map(({ index }) => index + 1);
  if (glaring.length === 0) return [];
  return [`glare over ${glaring.length === 1 ? 'image' : 'images'} ${glaring.join(', ')}`];
}

function fillOf({ width, height }: Frame, outline: readonly Point[]): number {
  const [xs, ys] = [outline.map(({ x }) => x), outline.map(({ y }) => y)];
  return Math.max((Math.max(...xs) - Math.min(...xs)) / width, (Math.max(...ys) - Math.min(...ys)) / height);
}

function middleValue(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
