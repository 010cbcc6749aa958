import type { SplitName } from '../sets/types.ts';

/** What a worker is started with. */
export interface WorkerSetting {
  readonly artwork: SharedArrayBuffer;
  /** Edge of the images in pixels. */
  readonly size: number;
}

/** Some images of a split, to be drawn in this order. */
export interface DrawRequest {
  readonly split: SplitName;
  readonly seed: number;
  readonly indices: readonly number[];
}
