import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { drawArtwork } from '../lab/data/signs/artwork.ts';
import { openSigns } from '../lab/data/signs/index.ts';
import { median } from './statistics.ts';

/**
 * `node bench/signs.ts [--batch 64] [--batches 10] [--runs 5]`
 *
 * Samples of the signs drawn per second, through the data set's own door, at both sizes, with one thread and with
 * all: the median of the runs. Training must not wait for them.
 */

const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '64' },
    batches: { type: 'string', default: '10' },
    runs: { type: 'string', default: '5' },
  },
});
const [batch, batches, runs] = [Number(values.batch), Number(values.batches), Number(values.runs)];

async function samplesPerSecond(size: 64 | 96, threads: number): Promise<number> {
  await using signs = openSigns({ size, threads, keepBytes: 0 });
  const { train } = signs.splits;
  const readAll = (run: number) =>
    Promise.all(
      Array.from({ length: batches }, (_, i) =>
        train.read(Array.from({ length: batch }, (_, k) => (run * batches + i) * batch + k)),
      ),
    );
  await readAll(0);
  const rates: number[] = [];
  for (let run = 1; run <= runs; run++) {
    const start = performance.now();
    await readAll(run);
    rates.push((batch * batches * 1000) / (performance.now() - start));
  }
  return median(rates);
}

const start = performance.now();
await drawArtwork();
process.stdout.write(`drawings rasterised once: ${Math.round(performance.now() - start)} ms\n`);
for (const size of [64, 96] as const) {
  for (const threads of new Set([1, availableParallelism()])) {
    const rate = Math.round(await samplesPerSecond(size, threads));
    process.stdout.write(
      `${size} × ${size}, ${threads} thread${threads > 1 ? 's' : ''}: ${rate} samples/s\n`,
    );
  }
}
