import { HalftoneError, throwIfCancelled } from '@halftone/sdk';
import { calibrate } from '../finder/calibrate.ts';
import { findSheet } from '../finder/find.ts';
import type { FoundSheet } from '../finder/finding.ts';
import type { Camera } from '../finder/lens.ts';
import { loadOpenCv } from '../opencv.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { readPhotograph } from './photographs.ts';

/** A calibration, and the photographs that it could not use, with the reason. */
export interface CalibrationFromFiles {
  readonly camera: Camera;
  readonly unused: readonly { readonly photograph: string; readonly message: string }[];
}

/**
 * Calibrates a camera from photographs of the board; those without it are left out and named.
 * Throws as `calibrate`, `not-found`, `cancelled`, and `bad-argument` for photographs of different sizes.
 */
export async function calibrateFromPhotographs(
  paths: readonly string[],
  board: Sheet,
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<CalibrationFromFiles> {
  const cv = await loadOpenCv();
  const views: FoundSheet[] = [];
  const unused: { photograph: string; message: string }[] = [];
  let size: { width: number; height: number } | undefined;
  for (const [i, photograph] of paths.entries()) {
    throwIfCancelled(options.signal);
    const { picture } = await readPhotograph(photograph);
    const { width, height } = picture;
    size ??= { width, height };
    if (size.width !== width || size.height !== height) {
      throw new HalftoneError(
        'bad-argument',
        `${photograph}: ${width} × ${height}, the first one has ${size.width} × ${size.height}; ` +
          'all must come from one camera, upright alike',
      );
    }
    const finding = findSheet(cv, picture, { sheets: [board] });
    if (finding.found) views.push(finding);
    else unused.push({ photograph, message: finding.message });
    options.onProgress?.(i + 1, paths.length);
  }
  return { camera: calibrate(cv, views, size ?? { width: 0, height: 0 }), unused };
}
