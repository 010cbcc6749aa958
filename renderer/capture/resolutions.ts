/** Resolutions that a camera can be asked for. */
export interface Resolution {
  readonly width: number;
  readonly height: number;
}

/** Usual ones, the highest first: 8K, 4K, 1440p, 1080p, 720p, 4:3 ones of older cameras. */
const usual: readonly Resolution[] = [
  { width: 7680, height: 4320 },
  { width: 3840, height: 2160 },
  { width: 2560, height: 1440 },
  { width: 1920, height: 1080 },
  { width: 1600, height: 1200 },
  { width: 1280, height: 720 },
  { width: 640, height: 480 },
];

/** More than any camera has: asked for as an ideal, it gives the highest. */
const beyond: Resolution = { width: 16_384, height: 9_216 };

/** The resolutions to choose among for a camera that reaches to `most`; its own highest first. */
export function resolutionsUpTo(most: Resolution | undefined): Resolution[] {
  if (most === undefined) return [...usual];
  const below = usual.filter(({ width, height }) => width <= most.width && height <= most.height);
  const isThere = below.some(({ width, height }) => width === most.width && height === most.height);
  return isThere ? below : [most, ...below];
}

/** `1920x1080` and back; undefined stands for the highest. */
export function resolutionKey({ width, height }: Resolution): string {
  return `${width}x${height}`;
}

export function resolutionOf(key: string): Resolution | undefined {
  const match = /^(\d+)x(\d+)$/.exec(key);
  return match === null ? undefined : { width: Number(match[1]), height: Number(match[2]) };
}

/**
 * What to ask a camera for. Never cropped or scaled by the browser where that can be had (`resizeMode`), and the
 * resolution before the rate: a still sheet needs pixels.
 *
 * @param resolution asked for exactly; without it, the highest.
 */
export function constraintsFor(
  deviceId: string | undefined,
  resolution: Resolution | undefined,
): MediaStreamConstraints {
  const size = (length: 'width' | 'height') =>
    resolution === undefined ? { ideal: beyond[length] } : { exact: resolution[length] };
  const video = {
    ...(deviceId === undefined ? {} : { deviceId: { exact: deviceId } }),
    width: size('width'),
    height: size('height'),
    resizeMode: { ideal: 'none' },
  };
  return { video: video as MediaTrackConstraints, audio: false };
}
