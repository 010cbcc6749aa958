import { availableParallelism } from 'node:os';
// Where workers alone load it, its libraries may go with the first of them that ends.
import 'sharp';
import { ThreadPool } from '../../threads/pool.ts';
import type { Sheet } from '../sheet/geometry.ts';
import type { CalibrationFromFiles } from './calibrate-photographs.ts';
import type { PhotographLook, PhotographQuestion } from './look.ts';
import type { ShootQuestion } from './shoot.ts';

/** What the threads are asked. */
export type ReaderRequest =
  | { readonly kind: 'look'; readonly question: PhotographQuestion }
  | { readonly kind: 'calibrate'; readonly paths: readonly string[]; readonly board: Sheet }
  | { readonly kind: 'shoot'; readonly question: ShootQuestion };
export type ReaderAnswer = PhotographLook | CalibrationFromFiles | readonly Uint8Array<ArrayBuffer>[];

/**
 * Looks at photographs, and takes simulated ones, on threads of its own: it takes a processor up to seconds of each. Threads are started when
 * there is something to look at and end when there is nothing; each has an OpenCV and a photograph in memory.
 */
export interface PhotographReader {
  /** How many photographs are looked at at once. */
  readonly threads: number;
  /**
   * As `lookAtPhotograph`. Throws as it does, `cancelled`, and `internal` where the thread died of it: others go on.
   */
  look(question: PhotographQuestion, signal?: AbortSignal): Promise<PhotographLook>;
  /** As `calibrateFromPhotographs`. Throws as it does, `cancelled`, `internal`. */
  calibrate(paths: readonly string[], board: Sheet, signal?: AbortSignal): Promise<CalibrationFromFiles>;
  /** As `shootSheet`: takes simulated photographs. Throws `cancelled`, `internal`. */
  shoot(question: ShootQuestion, signal?: AbortSignal): Promise<readonly Uint8Array<ArrayBuffer>[]>;
  /** Ends the threads; what is under way rejects with `cancelled`. */
  close(): Promise<void>;
}

/**
 * One core is left to everything else where there are more than two: the lab's own thread has little to do meanwhile, and on
 * two cores one thread alone takes nearly twice as long. More than four would want gigabytes.
 */
const cores = availableParallelism();
const most = Math.min(4, Math.max(Math.min(2, cores), cores - 1));

/** @param script what the threads run; other than the default in tests only. */
export function createPhotographReader(
  script: URL = new URL('./reader-thread.ts', import.meta.url),
): PhotographReader {
  const words = 'a thread that looks at photographs';
  const pool = new ThreadPool<ReaderRequest, ReaderAnswer>({ script, name: 'halftone-reader', words }, most);
  return {
    threads: most,
    look: (question, signal) => pool.ask({ kind: 'look', question }, signal) as Promise<PhotographLook>,
    calibrate: (paths, board, signal) =>
      pool.ask({ kind: 'calibrate', paths, board }, signal) as Promise<CalibrationFromFiles>,
    shoot: (question, signal) =>
      pool.ask({ kind: 'shoot', question }, signal) as Promise<readonly Uint8Array<ArrayBuffer>[]>,
    close: () => pool.close(),
  };
}
