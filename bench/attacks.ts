import { availableParallelism, cpus, loadavg } from 'node:os';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { type Attack, changedPixels, distances, normOf, untargeted } from '@halftone/sdk';
import { mnist } from '../lab/data/sets/mnist.ts';
import type { LabelledBatch } from '../lab/data/sets/types.ts';
import { runAttack } from '../lab/registry/attack-host.ts';
import { loadAttack, loadBuiltIn } from '../lab/registry/plugins.ts';
import { stageOf } from '../lab/registry/stages.ts';
import { openClassifier } from '../lab/runtime/classifier.ts';
import type { Classifier } from '../lab/runtime/classifier-types.ts';
import { argmax } from '../lab/runtime/scores.ts';
import { line, writeSection } from './results.ts';
import { median } from './statistics.ts';

/**
 * `node bench/attacks.ts MODEL.onnx [--count 100] [--threads 2] [--only fgsm,pgd] [--write]`
 *
 * All attacks on a model of MNIST: what they fool, how far they go, what they cost; slow ones on fewer images. Success and distance are of the
 * images rounded to eight bits; `raw` of those before. With `--write` the table goes into `RESULTS.md`.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '100' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const [path] = positionals;
if (path === undefined) throw new Error('which model? give the path of an ONNX file for MNIST');

/**
 * What each attack is run with, beside its defaults; MNIST takes larger changes than photographs. The last is the
 * number of images at most, for those that take long.
 */
const settings: readonly (readonly [string, Readonly<Record<string, unknown>>, number?])[] = [
  ['fgsm', { epsilon: 0.25 }],
  ['rand-fgsm', { epsilon: 0.3 }],
  ['bim', { epsilon: 0.2, alpha: 0.01, steps: 40 }],
  ['least-likely', { epsilon: 0.3, alpha: 0.02, steps: 40 }],
  ['mi-fgsm', { epsilon: 0.2 }],
  ['pgd', { epsilon: 0.2 }],
  ['pgd', { norm: 'l2', epsilon: 2 }],
  ['apgd', { epsilon: 0.1 }, 20],
  ['apgd', { epsilon: 0.2 }, 20],
  ['deepfool', {}],
  ['deepfool', { norm: 'linf' }],
  ['cw-l2', { learningRate: 0.1, steps: 300 }, 20],
  ['cw-linf', { learningRate: 0.02, steps: 200, initialConst: 0.01 }, 5],
  ['cw-l0', { learningRate: 0.1, steps: 200, initialConst: 0.1 }, 5],
  ['uap', { epsilon: 0.3 }, 50],
  ['eot-pgd', { epsilon: 0.2, samples: 3 }, 20],
  ['patch', { size: 0.5 }],
  ['rubbish', {}],
  ['square', { epsilon: 0.2 }, 20],
  ['one-pixel', { pixels: 5, steps: 20, population: 100 }, 20],
  ['hopskipjump', { steps: 20 }, 20],
];

/** Attacks that need a channel are given this one. */
const CHANNEL = ['gaussian-blur', { sigma: 0.7 }] as const;

interface Row {
  readonly name: string;
  readonly parameters: string;
  readonly count: number;
  readonly fooled: number;
  readonly fooledRaw: number;
  readonly distance: number;
  readonly norm: string;
  readonly gradients: number;
  readonly queries: number;
  readonly seconds: number;
}

async function measure(
  classifier: Classifier,
  { images, labels }: LabelledBatch,
  attack: Attack,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Row> {
  const classify = async (data: Float32Array) =>
    argmax(await classifier.logits({ ...images, data }), classifier.classes);
  const clean = await classify(images.data);
  const right = [...labels.keys()].filter((i) => clean[i] === labels[i]);
  const [name, given] = CHANNEL;
  const channel = attack.needs?.includes('channel')
    ? { channel: stageOf(await loadBuiltIn('channel', name), given) }
    : {};
  const start = performance.now();
  const request = { attack, classifier, images, criterion: untargeted(labels), parameters, ...channel };
  const { raw, rounded, spent, parameters: used } = await runAttack(request);
  const seconds = (performance.now() - start) / 1000;
  const share = async (data: Float32Array) => {
    const now = await classify(data);
    return right.filter((i) => now[i] !== labels[i]).length / right.length;
  };
  const norm = normOf(attack, used);
  const { data, count, channels } = images;
  const moved =
    norm === 'l0'
      ? changedPixels(rounded.data, data, count, channels)
      : distances(norm, rounded.data, data, count);
  return {
    name: attack.name,
    parameters: Object.entries(parameters)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
    count,
    fooled: await share(rounded.data),
    fooledRaw: await share(raw.data),
    distance: median(right.map((i) => moved[i]!)),
    norm,
    gradients: spent.gradients / images.count,
    queries: spent.queries / images.count,
    seconds,
  };
}

const COLUMNS = [
  'attack',
  'set',
  'images',
  'fooled, %',
  'before rounding, %',
  'median distance',
  'norm',
  'gradients an image',
  'queries an image',
  'seconds',
];

function cells(row: Row): string[] {
  const percent = (value: number) => (100 * value).toFixed(1);
  return [
    row.name,
    row.parameters,
    String(row.count),
    percent(row.fooled),
    percent(row.fooledRaw),
    row.norm === 'l0' ? row.distance.toFixed(0) : row.distance.toFixed(3),
    row.norm === 'l0' ? 'l0, pixels' : row.norm,
    row.gradients.toFixed(1),
    row.queries.toFixed(1),
    row.seconds.toFixed(1),
  ];
}

const classifier = await openClassifier(path, { providers: ['cpu'], threads: Number(values.threads) });
const { splits } = await mnist.open('');
const first = (count: number) => splits.test.read(Array.from({ length: count }, (_, i) => i));
const only = values.only?.split(',');
const rows: Row[] = [];
for (const [name, parameters, most = Number.POSITIVE_INFINITY] of settings) {
  if (only !== undefined && !only.includes(name)) continue;
  const row = await measure(
    classifier,
    await first(Math.min(Number(values.count), most)),
    await loadAttack(name),
    parameters,
  );
  rows.push(row);
  process.stdout.write(`${line(cells(row))}\n`);
}
await classifier.close();
const [channel, given] = CHANNEL;
const section = [
  `# Attacks on ${basename(path, '.onnx')}`,
  '',
  `The first images of the test set, untargeted, seed 0; shares are of the images that are right before the attack. ` +
    `\`eot-pgd\` and \`patch\` see the channel \`${channel}\` (${JSON.stringify(given)}), and are measured without it. ` +
    `Distances are medians, of the images as rounded to eight bits. ${values.threads} threads of ${cpus()[0]?.model.trim()} (${availableParallelism()} cores, load ${loadavg()[1]?.toFixed(0)} when done: other work makes the seconds longer).`,
  '',
  line(COLUMNS),
  line(COLUMNS.map(() => '---')),
  ...rows.map((row) => line(cells(row))),
].join('\n');
if (values.write) await writeSection(section);
