import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Tensor } from '../lab/graph/ir.ts';
import { openOurs } from './ours.ts';
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
  const ours = await openOurs(path, Number(values.threads), join(folder, 'profile'));
  const dims = [batch, ...ours.inputShape.slice(1)];
  const count = dims.reduce((product, extent) => product * extent, 1);
  const x: Tensor = {
    dtype: 'float32',
    dims,
    data: Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898)),
  };
  for (let run = 0; run < runs; run++) await ours.gradient(x, new Int32Array(batch).fill(7));
  await ours.close();
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
