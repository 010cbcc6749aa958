import { ThreadPool } from '../../threads/pool.ts';
import type { DrawRequest, WorkerSetting } from './messages.ts';

/** Threads that draw: each request's images, [indices.length, size, size, 3]. */
export type DrawingPool = ThreadPool<DrawRequest, Float32Array<ArrayBuffer>>;

/** Starts none before something is to be drawn; as many as there are cores by default. */
export function createDrawingPool(data: WorkerSetting, threads?: number): DrawingPool {
  const script = new URL('./worker.ts', import.meta.url);
  return new ThreadPool(
    { script, name: 'halftone-signs', words: 'a thread that draws signs', data },
    threads,
  );
}
