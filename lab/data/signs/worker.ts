import { workerData } from 'node:worker_threads';
import { serveThread } from '../../threads/serve.ts';
import type { DrawRequest, WorkerSetting } from './messages.ts';
import { SignRenderer, streamOf, subjectOf } from './sample.ts';

/** A thread that draws: requests are answered one after the other. */

const { artwork, size } = workerData as WorkerSetting;
const renderer = new SignRenderer(artwork, size);
const values = size * size * 3;

function draw({ split, seed, indices }: DrawRequest): Float32Array<ArrayBuffer> {
  const data = new Float32Array(indices.length * values);
  for (const [k, index] of indices.entries()) {
    const to = data.subarray(k * values, (k + 1) * values);
    renderer.render(subjectOf(index), streamOf(split, seed, index), to);
  }
  return data;
}

serveThread(async (request: DrawRequest) => {
  const value = draw(request);
  return { value, transfer: [value.buffer] };
});
