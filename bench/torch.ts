import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';

/** PyTorch's side: the persistent Python process and the exports that it shares with ours. */

const HERE = import.meta.dirname;
export const CACHE = join(HERE, 'cache');

const PACKAGES = 'apt-get install python3-torch python3-torchvision libopenblas0-pthread';
/** Debian's PyTorch multiplies through the system's BLAS; the reference one is 40 times slower than OpenBLAS. */
const FAIR_GFLOPS = 8;

const answer = z.discriminatedUnion('ok', [
  z.looseObject({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);
const versions = z.object({
  torch: z.string(),
  torchvision: z.string(),
  onednn: z.boolean(),
  gemmGflops: z.number(),
});
export type TorchVersions = z.infer<typeof versions>;

/** The Python that sees Debian's packages; `HALFTONE_PYTHON` names another. */
const PYTHON =
  process.env.HALFTONE_PYTHON ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3');

function environment(threads: number): NodeJS.ProcessEnv {
  const count = String(threads);
  return {
    ...process.env,
    OMP_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** Files of images and labels that both sides read. */
export interface Inputs {
  readonly x: string;
  readonly labels: string;
}

/** The process of `python/torch_gradient.py`, one request at a time. */
export class Torch {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #threads: number;
  #complaint = '';

  private constructor(threads: number) {
    this.#threads = threads;
    this.#process = spawn(PYTHON, [join(HERE, 'python/torch_gradient.py')], { env: environment(threads) });
    this.#process.on('error', (error) => (this.#complaint = error.message));
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.on('data', (text: Buffer) => (this.#complaint = text.toString().trim()));
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** Throws `HalftoneError` `not-found`, with the packages to install, where PyTorch or a fast BLAS is missing. */
  static async start(threads: number): Promise<{ torch: Torch; versions: TorchVersions }> {
    const torch = new Torch(threads);
    const found = await torch.#ask({ do: 'versions' }).catch((error: unknown) => error as Error);
    if (found instanceof Error) {
      throw new HalftoneError(
        'not-found',
        `no PyTorch to compare with (${found.message}); on Debian: ${PACKAGES}`,
      );
    }
    const parsed = versions.parse(found);
    if (parsed.gemmGflops < FAIR_GFLOPS) {
      torch.close();
      const rate = `${parsed.gemmGflops.toFixed(1)} GFLOP/s`;
      throw new HalftoneError(
        'not-found',
        `PyTorch runs on a slow BLAS (${rate}), no fair peer; on Debian: ${PACKAGES}`,
      );
    }
    return { torch, versions: parsed };
  }

  /** Writes noise images and labels for a model to the two files. */
  async inputs(model: string, batch: number, files: Inputs): Promise<void> {
    await this.#ask({ do: 'inputs', model, batch, ...files });
  }

  async load(model: string): Promise<void> {
    await this.#ask({ do: 'load', model, threads: this.#threads });
  }

  /** Milliseconds of one repetition. */
  async time(what: 'forward' | 'gradient', files: Inputs): Promise<number> {
    return z.object({ milliseconds: z.number() }).parse(await this.#ask({ do: 'time', what, ...files }))
      .milliseconds;
  }

  /** Writes d(mean cross-entropy)/dx to `out`, a .npy file. */
  async gradient(dtype: 'float32' | 'float64', files: Inputs, out: string): Promise<void> {
    await this.#ask({ do: 'gradient', dtype, ...files, out });
  }

  close(): void {
    this.#process.stdin.end();
  }

  async #ask(request: object): Promise<object> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(this.#complaint.split('\n').at(-1) || 'the Python process ended');
    const parsed = answer.parse(JSON.parse(value));
    if (!parsed.ok) throw new Error(`PyTorch: ${parsed.error}`);
    return parsed;
  }
}

/** Exports whichever of the models `cache/` lacks; takes some seconds a model. */
export async function exportMissing(models: readonly string[]): Promise<void> {
  const missing = models.filter((name) => !existsSync(join(CACHE, `${name}.onnx`)));
  if (missing.length === 0) return;
  await promisify(execFile)(PYTHON, [join(HERE, 'python/export_models.py'), ...missing], {
    env: environment(2),
  });
}
