import type { CaptureGrade, Finding, Look, Point, Sheet } from '../../lab/vision/live.ts';

/** Looks at a sheet as a live view gives them, for tests. */

export type { CaptureGrade, Look };
export type NoSheetReason = Extract<Finding, { found: false }>['reason'];

/** A sheet of two images, one left and one right. */
export function twoImages(sheet = 1): Sheet {
  const image = (source: number) => ({
    file: `images/clean/${source}.png`,
    width: 32,
    height: 32,
    source,
    label: 0,
    variant: 'clean',
  });
  return {
    version: 1,
    run: 'test',
    sheet,
    sheets: 2,
    paper: { name: 'A4', width: 210, height: 297 },
    dictionary: 'any',
    markers: [],
    patches: [],
    cells: [
      { x: 20, y: 100, width: 60, height: 60, image: image(0) },
      { x: 120, y: 100, width: 60, height: 60, image: image(1) },
    ],
  };
}

const crop = { edgeWidth: 2, dpi: 90, glare: 0, faults: [] };

/** What a good photograph is graded. */
export const goodGrade: CaptureGrade = {
  edgeWidth: 2,
  paperLevel: 200,
  clipped: 0,
  glare: 0,
  angle: 12,
  distance: 400,
  dpi: 90,
  fill: 0.8,
  faults: [],
  crops: [
    { ...crop, index: 0 },
    { ...crop, index: 1 },
  ],
};

function square(x: number, y: number, side: number): Point[] {
  return [
    { x, y },
    { x: x + side, y },
    { x: x + side, y: y + side },
    { x, y: y + side },
  ];
}

/** A look at sheet 1 in a frame of 1280 × 720 pixels, its images left and right of the middle. */
export function lookAt(grade: CaptureGrade): Look {
  const sheet = twoImages();
  const outline = square(400, 60, 500);
  const map = { paper: sheet.paper, homography: [1, 0, 0, 0, 1, 0, 0, 0, 1] as const };
  const found = {
    found: true,
    sheet,
    map,
    markers: [],
    outline,
    residual: 0,
    rimOffset: 0,
    isConfirmed: true,
  };
  return {
    finding: found as unknown as Finding,
    overlay: { outline, cells: [square(420, 300, 120), square(860, 300, 120)], markers: [] },
    grade,
    movement: 0.5,
  };
}

/** A look that shows no sheet that can be used. */
export function lookWithout(reason: NoSheetReason, outline?: readonly Point[]): Look {
  const finding: Finding = {
    found: false,
    reason,
    message: `a sentence about ${reason}`,
    ...(outline && { outline }),
  };
  return { finding, overlay: null, grade: null, movement: null };
}
