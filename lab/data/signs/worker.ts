import { parentPort, workerData } from 'node:worker_threads';
import type { DrawAnswer, DrawRequest, WorkerSetting } from './messages.ts';
import { SignRenderer, streamOf, subjectOf } from './sample.ts';

/** A thread that draws: requests are answered one after the other. */

const port = parentPort;
if (!port) throw new Error('worker.ts runs as a worker thread');

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

port.on('message', (request: DrawRequest) => {
  const say = (answer: DrawAnswer, transfer: ArrayBuffer[] = []): void => port.postMessage(answer, transfer);
  try {
    const data = draw(request);
    say({ ok: true, data }, [data.buffer]);
  } catch (error) {
    say({ ok: false, message: error instanceof Error ? error.message : String(error) });
  }
});
