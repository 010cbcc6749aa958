import type { CaptureGrade } from '../../lab/vision/live.ts';
import { limits } from '../../lab/vision/quality/grade.ts';

/** One of the small meters beside the live view. */
export interface Meter {
  readonly name: string;
  /** How much of the bar is full, 0 to 1; undefined where nothing is measured. */
  readonly share: number | undefined;
  /** Where on the bar it begins to be poor. */
  readonly limit: number;
  readonly text: string;
  readonly isGood: boolean;
  /** What it says, for people who ask. */
  readonly help: string;
}

/** The meters of a look; of none where there is no sheet. More is better on each but the angle. */
export function metersOf(grade: CaptureGrade | null): readonly Meter[] {
  return [sharpness(grade), light(grade), angle(grade), resolution(grade)];
}

/** Edges as wide as this are nothing on the meter. */
const blunt = 2 * limits.edgePixels;

function sharpness(grade: CaptureGrade | null): Meter {
  const width = grade?.edgeWidth ?? undefined;
  const mm = width === undefined || grade === null ? 0 : (width / grade.dpi) * 25.4;
  return {
    name: 'Sharpness',
    share: width === undefined ? undefined : clamp(1 - width / blunt),
    limit: 1 - limits.edgePixels / blunt,
    text: width === undefined ? '–' : `${width.toFixed(1)} px`,
    isGood: width === undefined || width <= limits.edgePixels || mm <= limits.edgeMm,
    help: `Width of edges: at most ${limits.edgePixels} px, or ${limits.edgeMm} mm on the paper`,
  };
}

function light(grade: CaptureGrade | null): Meter {
  const level = grade?.paperLevel ?? undefined;
  const clipped = grade?.clipped ?? 0;
  const over = clipped > limits.clipped;
  return {
    name: 'Light',
    share: level === undefined ? undefined : clamp(level / 255),
    limit: limits.darkLevel / 255,
    text: level === undefined ? '–' : over ? `${Math.round(100 * clipped)}% full` : level.toFixed(0),
    isGood: level === undefined || (level >= limits.darkLevel && !over),
    help: `Level of white paper: at least ${limits.darkLevel} of 255, and at most ${100 * limits.clipped}% of it full white`,
  };
}

function angle(grade: CaptureGrade | null): Meter {
  return {
    name: 'Angle',
    share: grade === null ? undefined : clamp(grade.angle / 90),
    limit: limits.angle / 90,
    text: grade === null ? '–' : `${grade.angle.toFixed(0)}°`,
    isGood: grade === null || grade.angle <= limits.angle,
    help: `Between the paper and the camera: at most ${limits.angle}°`,
  };
}

/** As many dots an inch as webcams reach on a sheet that fills their frame, and some more. */
const fine = 200;

function resolution(grade: CaptureGrade | null): Meter {
  return {
    name: 'Resolution',
    share: grade === null ? undefined : clamp(grade.dpi / fine),
    limit: limits.dpi / fine,
    text: grade === null ? '–' : `${grade.dpi.toFixed(0)} dpi`,
    isGood: grade === null || grade.dpi >= limits.dpi,
    help: `Pixels an inch of paper: at least ${limits.dpi}`,
  };
}

function clamp(share: number): number {
  return Math.max(0, Math.min(1, share));
}
