import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { differentiate, FEEDS } from '../lab/autodiff/index.ts';
import { readModelFile, writeModel } from '../lab/graph/index.ts';
import type { Tensor } from '../lab/graph/ir.ts';
import { createRuntime } from '../lab/runtime/index.ts';
import { IMAGES, prepareModel } from '../lab/runtime/prepare.ts';
import { CACHE } from './torch.ts';

/**
 * `node bench/profile.ts MODEL [--batch 8] [--threads 2] [--runs 5] [--top 25]`
 *
 * Where the time of forward and gradient goes, by operator and by node, from ONNX Runtime's profile. MODEL is
 * a name in `cache/` or the path of an ONNX file with one input N×3×S×S.
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

async function profile(folder: string): Promise<Event[]> {
  const path = model.endsWith('.onnx') ? model : join(CACHE, `${model}.onnx`);
  const prepared = prepareModel(await readModelFile(path), model);
  const derived = differentiate(prepared.graph, { loss: { kind: 'cross-entropy' }, wrt: [IMAGES] });
  const runtime = await createRuntime({ providers: ['cpu'], threads: Number(values.threads) });
  const session = await runtime.load(writeModel(derived.graph), { profilePrefix: join(folder, 'profile') });
  const { height, width, channels } = prepared.input;
  const noise = Float32Array.from({ length: batch * height * width * channels }, (_, i) =>
    Math.sin(i * 12.9898),
  );
  const feeds: Record<string, Tensor> = {
    [IMAGES]: { dtype: 'float32', dims: [batch, height, width, channels], data: noise },
    [FEEDS.labels]: { dtype: 'int32', dims: [batch], data: new Int32Array(batch) },
    [FEEDS.weights]: { dtype: 'float32', dims: [batch], data: new Float32Array(batch).fill(1) },
  };
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
