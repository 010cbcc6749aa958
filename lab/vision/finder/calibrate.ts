import { HalftoneError } from '@halftone/sdk/errors';
import { type OpenCv, withMats } from '../opencv.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { cornersOf } from './consensus.ts';
import type { FoundSheet } from './finding.ts';
import type { Camera } from './lens.ts';
import type { Point } from './plane.ts';

/** Views that a calibration needs. */
export const leastViews = 4;

/** Marks of the board as one frame has them: places in mm and in pixels, one for one. */
interface BoardView {
  readonly onBoard: readonly Point[];
  readonly inFrame: readonly Point[];
}

/**
 * Calibrates a camera from views of the board, found without a calibration (Zhang 2000; Brown's distortion with k1,
 * k2, p1 and p2). The board should be flat, tilted some 30° in different directions, and reach into the corners of
 * the frame.
 *
 * @param size of the frames, in pixels: the same for all.
 * @throws `bad-argument` for too few views, or views too much alike to tell the focal length.
 */
export function calibrate(
  cv: OpenCv,
  views: readonly FoundSheet[],
  size: { readonly width: number; readonly height: number },
): Camera {
  if (views.length < leastViews) {
    throw new HalftoneError(
      'bad-argument',
      `${views.length} views of the calibration board: ${leastViews} are the least, from different sides`,
    );
  }
  const camera = solve(cv, views.map(boardView), size);
  const isPlausible = [camera.fx, camera.fy].every(
    (focal) => focal > 0.2 * size.width && focal < 20 * Math.max(size.width, size.height),
  );
  if (isPlausible && Number.isFinite(camera.reprojectionError)) return camera;
  throw new HalftoneError(
    'bad-argument',
    'the views of the calibration board are too much alike: tilt it by 30° and more, to different sides',
  );
}

function boardView({ sheet, markers, rimOffset }: FoundSheet): BoardView {
  const places = new Map(
    sheet.markers.map((marker: Sheet['markers'][number]) => [marker.id, cornersOf(marker)]),
  );
  return {
    onBoard: markers.flatMap(({ id }) => places.get(id)!),
    inFrame: markers.flatMap(({ corners }) => corners.map((_, i) => movedInward(corners, i, rimOffset))),
  };
}

/** A corner where it is without the ink's spread and the blur's: both its sides moved inward. */
function movedInward(corners: readonly Point[], i: number, by: number): Point {
  const at = corners[i]!;
  const unit = (to: Point) => {
    const length = Math.hypot(to.x - at.x, to.y - at.y);
    return { x: (to.x - at.x) / length, y: (to.y - at.y) / length };
  };
  const [back, on] = [unit(corners[(i + 3) % 4]!), unit(corners[(i + 1) % 4]!)];
  const sine = Math.abs(back.x * on.y - back.y * on.x);
  return { x: at.x + ((back.x + on.x) * by) / sine, y: at.y + ((back.y + on.y) * by) / sine };
}

function solve(
  cv: OpenCv,
  views: readonly BoardView[],
  { width, height }: { readonly width: number; readonly height: number },
): Camera {
  return withMats((keep) => {
    const [objects, images] = [keep(new cv.MatVector()), keep(new cv.MatVector())];
    for (const { onBoard, inFrame } of views) {
      const places = onBoard.flatMap(({ x, y }) => [x, y, 0]);
      objects.push_back(keep(cv.matFromArray(onBoard.length, 1, cv.CV_32FC3, places)));
      const pixels = inFrame.flatMap(({ x, y }) => [x, y]);
      images.push_back(keep(cv.matFromArray(inFrame.length, 1, cv.CV_32FC2, pixels)));
    }
    const [matrix, factors] = [keep(new cv.Mat()), keep(new cv.Mat())];
    const [rotations, shifts] = [keep(new cv.MatVector()), keep(new cv.MatVector())];
    const [inner, outer, errors] = [keep(new cv.Mat()), keep(new cv.Mat()), keep(new cv.Mat())];
    const criteria = new cv.TermCriteria(cv.TermCriteria_COUNT + cv.TermCriteria_EPS, 100, 1e-9);
    const reprojectionError = cv.calibrateCameraExtended(
      objects,
      images,
      new cv.Size(width, height),
      matrix,
      factors,
      rotations,
      shifts,
      inner,
      outer,
      errors,
      cv.CALIB_FIX_K3,
      criteria,
    );
    const [fx, , cx, , fy, cy] = matrix.data64F as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const [k1 = 0, k2 = 0, p1 = 0, p2 = 0, k3 = 0] = factors.data64F;
    return {
      version: 1,
      width,
      height,
      fx,
      fy,
      cx,
      cy,
      distortion: [k1, k2, p1, p2, k3],
      reprojectionError,
      frames: views.length,
    };
  });
}
