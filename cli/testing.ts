import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { seeded } from '@halftone/sdk';
import { GraphBuilder } from '../lab/graph/builder.ts';
import { writeModelFile } from '../lab/graph/index.ts';
import type { Graph } from '../lab/graph/ir.ts';

const launcher = fileURLToPath(new URL('./bin/halftone.mjs', import.meta.url));

/** What a run of the command gave. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For tests: runs the real command in a process of its own, and interrupts it once `interruptWhen` says so. */
export function halftone(
  args: readonly string[],
  options: { cwd: string; interruptWhen?: () => Promise<boolean> },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...args], { cwd: options.cwd });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const watch = setInterval(async () => {
      if (await options.interruptWhen?.()) child.kill('SIGINT');
    }, 50);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      resolve({ code, stdout, stderr });
    });
  });
}

/** The tiny classifier of the tests: 3×4×4 in, 3 classes out, logits W·x. */
export const tiny = { height: 4, width: 4, channels: 3, classes: 3 };

/** W of the tiny classifier, [48, 3] in the order of its own NCHW input. */
export const tinyWeights = ((random) => Float32Array.from({ length: 48 * 3 }, () => random.normal()))(
  seeded('tiny'),
);

/** Writes the tiny classifier as an ONNX file; with two inputs that are added, if wanted. */
export async function writeTinyModel(path: string, inputs: readonly string[] = ['input']): Promise<void> {
  const graph: Graph = {
    name: 'tiny',
    inputs: [],
    outputs: [],
    initializers: new Map(),
    nodes: [],
    types: new Map(),
    metadata: new Map(),
  };
  const builder = new GraphBuilder(graph, 'tiny');
  const values = inputs.map((name) => builder.input(name, { dtype: 'float32', shape: ['N', 3, 4, 4] }));
  const sum = values.length === 1 ? values[0]! : builder.add('Add', values);
  const logits = builder.add('MatMul', [builder.add('Flatten', [sum]), builder.floats(tinyWeights, [48, 3])]);
  graph.outputs.push({ name: logits, dtype: 'float32', shape: ['N', 3] });
  await writeModelFile(path, graph);
}
