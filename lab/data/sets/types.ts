import type { ImageBatch } from '../../runtime/classifier-types.ts';
import type { ClassEntry } from '../classes.ts';

/** Images with the class index of each. */
export interface LabelledBatch {
  readonly images: ImageBatch;
  /** [images.count]. */
  readonly labels: Int32Array;
}

/** The parts of a data set: what models learn from, and what they are measured on. */
export type SplitName = 'train' | 'test';

/** One part of a data set. Image i is the same image whenever and in whatever company it is read. */
export interface Split {
  readonly count: number;
  /** Class indices of these images, without drawing or decoding them. Throws `bad-argument` for an index outside. */
  labels(indices: ArrayLike<number>): Int32Array;
  /**
   * These images, in this order, float32 in [0, 1]; an index may come twice. Many calls may be under way at once.
   * Throws `bad-argument` for an index outside, `bad-image` or `bad-file` naming the file, `cancelled`.
   */
  read(indices: ArrayLike<number>, signal?: AbortSignal): Promise<LabelledBatch>;
}

/** A labelled set of images of one size, opened. Helpers that it starts (threads) don't keep the process from ending. */
export interface DataSet {
  /** A word as on the command line, such as `mnist`. */
  readonly name: string;
  /** A line on what it is and where it comes from. */
  readonly summary: string;
  /** In the order of the labels. */
  readonly classes: readonly ClassEntry[];
  readonly height: number;
  readonly width: number;
  /** 1 for grey, 3 for RGB. */
  readonly channels: number;
  readonly splits: Readonly<Record<SplitName, Split>>;
}
