import type { Point } from '../../lab/vision/live.ts';

/**
 * When the shot is taken by itself: a sheet that is wanted, seen well, held still, and not as it was seen before.
 * Pure: what one look tells goes in, the shutter after it comes out.
 */

/** What one look says of the sheet in the frame. */
export interface Sight {
  /** Number of the sheet; undefined where none can be used. */
  readonly sheet?: number | undefined;
  /** Corners of its paper, in pixels of the frame. */
  readonly outline: readonly Point[];
  /** The farthest that a corner moved since the look before, in pixels; null where that can't be said. */
  readonly movement: number | null;
  /** Whether all of it is good enough to be measured. */
  readonly good: boolean;
  /** Frame size in pixels. */
  readonly width: number;
  readonly height: number;
  /** When the frame was taken, in ms of any clock that goes on. */
  readonly time: number;
}

/** What the shutter waits for; undefined where it takes the shot. */
export type Wait = 'sheet' | 'quality' | 'steady' | 'pose' | 'enough';

/** How a sheet was seen: its corners in longer sides of the frame, so that the camera's resolution doesn't matter. */
type Pose = readonly Point[];

export interface Shutter {
  /** Poses that a shot was taken of, by sheet. */
  readonly taken: Readonly<Record<number, readonly Pose[]>>;
  /** Which sheet was last seen, and since when it has been still; undefined while it moves. */
  readonly sheet?: number | undefined;
  readonly stillSince?: number | undefined;
  readonly time?: number | undefined;
  /** Looks at the sheet since it has been still. */
  readonly looks: number;
  readonly wait: Wait | undefined;
}

/** What is asked of a shot. */
export interface ShutterSettings {
  /** Speed of a sheet that is held still, in longer sides of the frame a second. */
  readonly speed: number;
  /** How long it must be still, in ms, and how many looks must have seen it so. */
  readonly still: number;
  readonly looks: number;
  /** How far a corner must lie from where it was in every shot before, in longer sides of the frame. */
  readonly change: number;
}

/**
 * A hand that holds still moves a sheet by one to three pixels a frame at 30 frames a second; at a sixtieth of a
 * second's exposure four hundredths of a frame's side a second blur by less than a pixel at 1280 pixels.
 */
export const usualShutter: ShutterSettings = { speed: 0.04, still: 300, looks: 4, change: 0.04 };

export const openShutter: Shutter = { taken: {}, looks: 0, wait: 'sheet' };

/**
 * The shutter after one more look. Where `wait` is undefined, this look's frame is the one to take: `took` says so.
 *
 * @param isWanted whether more views of a sheet are wanted.
 */
export function looked(
  before: Shutter,
  sight: Sight,
  isWanted: (sheet: number) => boolean,
  settings: ShutterSettings = usualShutter,
): Shutter {
  const { sheet, time } = sight;
  if (sheet === undefined) return { taken: before.taken, looks: 0, time, wait: 'sheet' };
  const isStill = speedOf(before, sight) <= settings.speed;
  const stillSince = isStill ? (before.stillSince ?? before.time ?? time) : undefined;
  const looks = isStill ? before.looks + 1 : 0;
  const steady = stillSince !== undefined && time - stillSince >= settings.still && looks >= settings.looks;
  const wait = waitFor({ before, sight, sheet, steady, isWanted, settings });
  return { taken: before.taken, sheet, time, stillSince, looks, wait };
}

/** The shutter after a shot of what `sight` shows: of this pose no other is taken by itself. */
export function took(shutter: Shutter, sight: Sight): Shutter {
  const { sheet } = sight;
  if (sheet === undefined) return shutter;
  const poses = [...(shutter.taken[sheet] ?? []), poseOf(sight)];
  return { ...shutter, taken: { ...shutter.taken, [sheet]: poses }, stillSince: undefined, looks: 0 };
}

/** The shutter after the last shot of a sheet was thrown away: its pose may be taken again. */
export function dropped(shutter: Shutter, sheet: number): Shutter {
  const poses = (shutter.taken[sheet] ?? []).slice(0, -1);
  return { ...shutter, taken: { ...shutter.taken, [sheet]: poses } };
}

interface Question {
  readonly before: Shutter;
  readonly sight: Sight;
  readonly sheet: number;
  readonly steady: boolean;
  readonly isWanted: (sheet: number) => boolean;
  readonly settings: ShutterSettings;
}

function waitFor({ before, sight, sheet, steady, isWanted, settings }: Question): Wait | undefined {
  if (!isWanted(sheet)) return 'enough';
  if (!sight.good) return 'quality';
  const pose = poseOf(sight);
  const isNew = (before.taken[sheet] ?? []).every((other) => distance(pose, other) >= settings.change);
  if (!isNew) return 'pose';
  return steady ? undefined : 'steady';
}

/** Longer sides of the frame a second; infinite where the sheet has just come into view. */
export function speedOf(before: Pick<Shutter, 'sheet' | 'time'>, sight: Sight): number {
  const { movement, sheet, time, width, height } = sight;
  if (movement === null || before.time === undefined || before.sheet !== sheet)
    return Number.POSITIVE_INFINITY;
  // Two looks at one frame (a camera that repeats itself) tell nothing, and nothing moved.
  const seconds = Math.max(time - before.time, 1) / 1000;
  return movement / Math.max(width, height) / seconds;
}

function poseOf({ outline, width, height }: Sight): Pose {
  const side = Math.max(width, height);
  return outline.map(({ x, y }) => ({ x: x / side, y: y / side }));
}

/** Between two poses: the farthest of their corners. */
function distance(one: Pose, other: Pose): number {
  return Math.max(...one.map(({ x, y }, i) => Math.hypot(x - other[i]!.x, y - other[i]!.y)));
}
