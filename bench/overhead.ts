import { parseArgs } from 'node:util';
import { seeded, untargeted } from '@halftone/sdk';
import { runAttack } from '../lab/registry/attack-host.ts';
import { loadAttack } from '../lab/registry/plugins.ts';
import { loadTensors } from '../lab/registry/tensors.ts';
import { openClassifier } from '../lab/runtime/classifier.ts';
import type { Classifier, ImageBatch } from '../lab/runtime/classifier-types.ts';
import { median } from './statistics.ts';

/**
 * `node bench/overhead.ts MODEL.onnx [--attack pgd] [--count 8] [--runs 5] [--threads 2] [--set steps=10 …]`
 *
 * The share of an attack's time that is spent outside the model: steps, random numbers, checks, rounding. Images are
 * noise; the labels are what the model says of them.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    attack: { type: 'string', default: 'pgd' },
    count: { type: 'string', default: '8' },
    runs: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const [path] = positionals;
if (path === undefined) throw new Error('which model? give the path of an ONNX file');

/** A classifier that adds up how long its answers are waited for. */
function timed(classifier: Classifier): { classifier: Classifier; waited: () => number } {
  let milliseconds = 0;
  const time = async <T>(work: Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await work;
    } finally {
      milliseconds += performance.now() - start;
    }
  };
  const watched: Classifier = {
    card: classifier.card,
    classes: classifier.classes,
    input: classifier.input,
    provider: classifier.provider,
    close: () => classifier.close(),
    logits: (images, options) => time(classifier.logits(images, options)),
    gradient: (request) => time(classifier.gradient(request)),
  };
  return { classifier: watched, waited: () => milliseconds };
}

const opened = await openClassifier(path, { providers: ['cpu'], threads: Number(values.threads) });
const { classes, input } = opened;
const random = seeded('overhead');
const count = Number(values.count);
const images: ImageBatch = {
  ...input,
  count,
  data: Float32Array.from({ length: count * input.height * input.width * input.channels }, () =>
    random.uniform(),
  ),
};
const logits = await opened.logits(images);
const labels = Int32Array.from({ length: count }, (_, i) => {
  const row = logits.subarray(i * classes, (i + 1) * classes);
  return row.indexOf(Math.max(...row));
});
const attack = await loadAttack(values.attack);
const parameters = Object.fromEntries(values.set.map((pair) => pair.split('=', 2)));
const shares: number[] = [];
for (let run = 0; run <= Number(values.runs); run++) {
  const { classifier, waited } = timed(opened);
  const start = performance.now();
  const { spent } = await runAttack({
    attack,
    classifier,
    images,
    criterion: untargeted(labels),
    parameters,
  });
  const all = performance.now() - start;
  const share = 1 - waited() / all;
  // The first run warms up.
  if (run > 0) shares.push(share);
  const line = `${all.toFixed(0)} ms, outside the model ${(100 * share).toFixed(1)}%, ${spent.gradients} gradients, ${spent.queries} queries`;
  process.stdout.write(`${run === 0 ? 'warming up: ' : ''}${line}\n`);
}
const { backend } = await loadTensors();
process.stdout.write(
  `${attack.name}, ${count} images of ${input.height}×${input.width}×${input.channels}, tensors on ${backend}: ${(100 * median(shares)).toFixed(1)}% outside the model\n`,
);
await opened.close();
