import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { seeded } from '@halftone/sdk';
import { GraphBuilder } from '../lab/graph/builder.ts';
import { emptyGraph } from '../lab/graph/copy.ts';
import { writeModelFile } from '../lab/graph/index.ts';

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
  options: { cwd: string; interruptWhen?: () => Promise<boolean>; env?: Readonly<Record<string, string>> },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
    });
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
export function writeTinyModel(path: string, inputs: readonly string[] = ['input']): Promise<void> {
  return writeLinearModel(path, { ...tiny, weights: tinyWeights, inputs });
}

/** A classifier with logits W·x; `weights` is W, [channels·height·width, classes] in the order of an NCHW input. */
interface LinearModel {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classes: number;
  readonly weights: Float32Array;
  /** Added up, where there are several. */
  readonly inputs?: readonly string[];
}

/** Writes a linear classifier as an ONNX file. */
export async function writeLinearModel(
  path: string,
  { height, width, channels, classes, weights, inputs = ['input'] }: LinearModel,
): Promise<void> {
  const graph = emptyGraph('linear');
  const builder = new GraphBuilder(graph, 'linear');
  const shape = ['N', channels, height, width];
  const values = inputs.map((name) => builder.input(name, { dtype: 'float32', shape }));
  const sum = values.length === 1 ? values[0]! : builder.add('Add', values);
  const matrix = builder.floats(weights, [channels * height * width, classes]);
  const logits = builder.add('MatMul', [builder.add('Flatten', [sum]), matrix]);
  graph.outputs.push({ name: logits, dtype: 'float32', shape: ['N', classes] });
  await writeModelFile(path, graph);
}
