import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seeded } from '@halftone/sdk';
import { z } from 'zod';
import { differentiate, FEEDS } from '../lab/autodiff/index.ts';
import { findSet } from '../lab/data/sets/index.ts';
import { readModelFile, writeModel } from '../lab/graph/index.ts';
import type { Graph, Tensor } from '../lab/graph/ir.ts';
import { createRuntime } from '../lab/runtime/index.ts';
import { IMAGES, prepareModel } from '../lab/runtime/prepare.ts';
import { buildNetwork, INPUT } from '../lab/training/build.ts';
import { drawMask } from '../lab/training/masks.ts';
import { readRecipe } from '../lab/training/recipe.ts';
import { labelFeeds } from '../lab/training/step.ts';
import { CACHE } from './torch.ts';

/**
 * `node bench/profile.ts MODEL [--batch 8] [--threads 2] [--runs 5] [--top 25]`
 *
 * Where the time of forward and gradient goes, by operator and by node, from ONNX Runtime's profile. MODEL is
 * a name in `cache/`, the path of an ONNX file with one input N×3×S×S (the gradient is that at the images), or that of
 * a training recipe, `.yaml` (the gradients are those at the weights).
 */

const event = z.object({
  name: z.string(),
  dur: z.number().default(0),
  args: z.object({ op_name: z.string().optional(), output_type_shape: z.unknown().optional() }).default({}),
});
type Event = z.infer<typeof event>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: 'string', default: '8' },
    threads: { type: 'string', default: '2' },
    runs: { type: 'string', default: '5' },
    top: { type: 'string', default: '25' },
  },
});
const [model = 'resnet18'] = positionals;
const batch = Number(values.batch);
const runs = Number(values.runs);

/** Kernel times only: the events whose name ends so hold what a node took, without its fences. */
const KERNEL = '_kernel_time';

/** What is profiled: a graph and what it is fed. */
interface Profiled {
  readonly graph: Graph;
  readonly feeds: Record<string, Tensor>;
}

const noise = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898));
const ones = () => new Float32Array(batch).fill(1);

/** A model's gradient at its images. */
async function imageGradient(): Promise<Profiled> {
  const path = model.endsWith('.onnx') ? model : join(CACHE, `${model}.onnx`);
  const prepared = prepareModel(await readModelFile(path), model);
  const derived = differentiate(prepared.graph, { loss: { kind: 'cross-entropy' }, wrt: [IMAGES] });
  const { height, width, channels } = prepared.input;
  const size = height * width * channels;
  const feeds: Record<string, Tensor> = {
    [IMAGES]: { dtype: 'float32', dims: [batch, height, width, channels], data: noise(batch * size) },
    [FEEDS.labels]: { dtype: 'int32', dims: [batch], data: new Int32Array(batch) },
    [FEEDS.weights]: { dtype: 'float32', dims: [batch], data: ones() },
  };
  return { graph: derived.graph, feeds };
}

/** A recipe's training step: the gradients at all weights. */
async function trainingStep(): Promise<Profiled> {
  const recipe = await readRecipe(model);
  const { height, width, channels } = await findSet(recipe.data).open('');
  const input = { height, width, channels };
  const network = buildNetwork(recipe.network, { mode: 'training', layout: 'nhwc', input });
  const derived = differentiate(network.graph, { loss: { kind: 'cross-entropy' }, wrt: network.trained });
  const size = height * width * channels;
  const masks = network.masks.map((mask) => [mask.input, drawMask(mask, batch, seeded(mask.input))] as const);
  const feeds: Record<string, Tensor> = {
    [INPUT]: { dtype: 'float32', dims: [batch, height, width, channels], data: noise(batch * size) },
    ...Object.fromEntries(network.trained.map((name) => [name, network.weights.get(name)!])),
    ...labelFeeds(new Int32Array(batch), 1 / batch),
    ...Object.fromEntries(masks),
  };
  return { graph: derived.graph, feeds };
}

async function profile(folder: string): Promise<Event[]> {
  const { graph, feeds } = await (model.endsWith('.yaml') ? trainingStep() : imageGradient());
  const runtime = await createRuntime({ providers: ['cpu'], threads: Number(values.threads) });
  const session = await runtime.load(writeModel(graph), { profilePrefix: join(folder, 'profile') });
  for (let run = 0; run < runs; run++) await session.run(feeds);
  await session.release();
  await runtime.close();
  const [file] = await readdir(folder);
  const events = z.array(event).parse(JSON.parse(await readFile(join(folder, file!), 'utf8')));
  return events.filter(({ name, args }) => name.endsWith(KERNEL) && args.op_name !== undefined);
}

/** Milliseconds a run and number of nodes by key, the longest first. */
function group(events: readonly Event[], key: (event: Event) => string): [string, number, number][] {
  const groups = Map.groupBy(events, key);
  return [...groups]
    .map(([name, own]): [string, number, number] => [
      name,
      own.reduce((sum, { dur }) => sum + dur, 0) / 1000 / runs,
      own.length / runs,
    ])
    .sort((a, b) => b[1] - a[1]);
}

function print(title: string, rows: readonly [string, number, number][]): void {
  console.log(`\n${title}`);
  for (const [name, milliseconds, nodes] of rows.slice(0, Number(values.top))) {
    console.log(
      `${milliseconds.toFixed(2).padStart(9)} ms ${String(Math.round(nodes)).padStart(5)}  ${name}`,
    );
  }
}

const folder = await mkdtemp(join(tmpdir(), 'halftone-profile-'));
try {
  const events = await profile(folder);
  print(
    'by operator',
    group(events, ({ args }) => args.op_name!),
  );
  const shape = (value: unknown): string => JSON.stringify(value ?? '');
  print(
    'by node',
    group(
      events,
      ({ name, args }) => `${args.op_name} ${name.slice(0, -KERNEL.length)} ${shape(args.output_type_shape)}`,
    ),
  );
} finally {
  await rm(folder, { recursive: true });
}
