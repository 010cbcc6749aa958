import type { Camera, Look, Sheet } from '../../lab/vision/live.ts';

/** What the page and the finder's worker say to each other. */

/** A frame of the camera, handed over: its pixels are not copied on the way. */
export type CameraFrame = VideoFrame | ImageBitmap;

export type ToFinder =
  /** Which sheets there are. What was found before is forgotten. */
  | { readonly kind: 'open'; readonly sheets: readonly Sheet[]; readonly camera: Camera | undefined }
  /** `time`: when the frame was taken, in ms. */
  | { readonly kind: 'look'; readonly frame: CameraFrame; readonly time: number }
  /** Keeps the frame that was looked at last. */
  | { readonly kind: 'take'; readonly id: number };

/** A look at one frame. */
export interface Seen {
  readonly look: Look;
  /** Frame size in pixels. */
  readonly width: number;
  readonly height: number;
  /** When the frame was taken, in ms. */
  readonly time: number;
  /** What it took to read the pixels, and to look, in ms. */
  readonly reading: number;
  readonly looking: number;
}

export type FromFinder =
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'seen'; readonly seen: Seen }
  /** The frame as a PNG: every pixel as the camera gave it. */
  | { readonly kind: 'taken'; readonly id: number; readonly png: Uint8Array<ArrayBuffer> }
  /** `id`: of the shot that failed; it is no shot's where there is none. */
  | { readonly kind: 'failed'; readonly message: string; readonly id?: number };
