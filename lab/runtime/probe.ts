import type { Tensor } from '../graph/ir.ts';
import { RequestFailure, type WorkerLink } from './link.ts';
import { probeModel, probeOperations } from './probe-graph.ts';
import { plainReason } from './session.ts';
import type { ProviderName } from './types.ts';

/** Does a provider answer, and is it hardware? */

/** Side of the matrices of the quick trial and of the timed one. */
const QUICK = 4;
const TIMED = 256;

/**
 * Below this a provider is taken for software, in operations per second. Measured on two cores: SwiftShader
 * 2.5e8, the CPU provider 1e11. Hardware passes 1e10 even with 10 ms a run spent on everything else.
 */
const SLOW = 5e9;

/** Reasons that ONNX Runtime gives in its own terms, and what they mean to a user. */
const HINTS: readonly [RegExp, string][] = [
  [
    /cuda.*failed to load shared library/i,
    'ONNX Runtime has no CUDA library here, or CUDA 12 or cuDNN 9 is missing; installing onnxruntime-node with its install script brings the library',
  ],
  [/onnxruntime_binding/, `ONNX Runtime has no build for ${process.platform} on ${process.arch}`],
  [/no supported adapters/i, 'no adapter: neither a GPU nor a driver for it was found'],
];

let probes = 0;

/** Runs the probe graph at one size, once to warm up (shaders compile); milliseconds of the best run after that. */
async function timeProbe(link: WorkerLink, provider: ProviderName, size: number, runs = 1): Promise<number> {
  probes += 1;
  const session = -probes;
  const model = probeModel();
  await link.request({ kind: 'load', session, model, provider, threads: 1, options: {} });
  try {
    // Every product of a matrix of 1/N with itself is the same matrix again.
    const x: Tensor = {
      dtype: 'float32',
      dims: [size, size],
      data: new Float32Array(size * size).fill(1 / size),
    };
    let best = Number.POSITIVE_INFINITY;
    for (let repetition = 0; repetition <= runs; repetition++) {
      const start = performance.now();
      const feeds = { x: { ...x, dims: [...x.dims] } };
      const { outputs } = await link.request({ kind: 'run', session, feeds, fetches: ['y'] });
      if (repetition > 0) best = Math.min(best, performance.now() - start);
      if (Math.abs(Number(outputs.y?.data[0]) * size - 1) > 1e-2)
        throw new RequestFailure('it computes wrong results');
    }
    return best;
  } finally {
    await link.request({ kind: 'release', session });
  }
}

/** Why the provider doesn't work, in one line; undefined when it does. */
export async function tryProvider(link: WorkerLink, provider: ProviderName): Promise<string | undefined> {
  try {
    await timeProbe(link, provider, QUICK);
    return undefined;
  } catch (error) {
    const reason = plainReason(error instanceof Error ? error.message : String(error));
    return HINTS.find(([pattern]) => pattern.test(reason))?.[1] ?? reason;
  }
}

/** Is the provider so slow that no hardware can be behind it? True as well when it fails at real work. */
export async function isSlow(link: WorkerLink, provider: ProviderName): Promise<boolean> {
  try {
    const milliseconds = await timeProbe(link, provider, TIMED, 3);
    return probeOperations(TIMED) / (milliseconds / 1000) < SLOW;
  } catch (error) {
    if (error instanceof RequestFailure) return true;
    throw error;
  }
}
