import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';

/** A Python process with PyTorch that answers JSON lines (`python/serve.py`). */

const PACKAGES = 'apt-get install python3-torch python3-torchvision libopenblas0-pthread';
/** Debian's PyTorch multiplies through the system's BLAS; the reference one is 40 times slower than OpenBLAS. */
const FAIR_GFLOPS = 8;

const answer = z.discriminatedUnion('ok', [
  z.looseObject({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);
const versions = z.object({
  torch: z.string(),
  torchvision: z.string().optional(),
  onednn: z.boolean(),
  gemmGflops: z.number(),
});
export type TorchVersions = z.infer<typeof versions>;

/** The Python that sees Debian's packages; `HALFTONE_PYTHON` names another. */
export const PYTHON =
  process.env.HALFTONE_PYTHON ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3');

export function pythonEnvironment(threads: number): NodeJS.ProcessEnv {
  const count = String(threads);
  return {
    ...process.env,
    OMP_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

/** The process of one script of `python/`, one request at a time. */
export class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #complaint = '';

  private constructor(script: string, threads: number) {
    const path = join(import.meta.dirname, 'python', script);
    this.#process = spawn(PYTHON, [path], { env: pythonEnvironment(threads) });
    this.#process.on('error', (error) => (this.#complaint = error.message));
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.on('data', (text: Buffer) => (this.#complaint = text.toString().trim()));
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** Throws `HalftoneError` `not-found`, with the packages to install, where PyTorch or a fast BLAS is missing. */
  static async start(script: string, threads: number): Promise<{ peer: Peer; versions: TorchVersions }> {
    const peer = new Peer(script, threads);
    const found = await peer.ask({ do: 'versions' }).catch((error: unknown) => error as Error);
    if (found instanceof Error) {
      const text = `no PyTorch to compare with (${found.message}); on Debian: ${PACKAGES}`;
      throw new HalftoneError('not-found', text);
    }
    const parsed = versions.parse(found);
    if (parsed.gemmGflops >= FAIR_GFLOPS) return { peer, versions: parsed };
    peer.close();
    const rate = `${parsed.gemmGflops.toFixed(1)} GFLOP/s`;
    const text = `PyTorch runs on a slow BLAS (${rate}), no fair peer; on Debian: ${PACKAGES}`;
    throw new HalftoneError('not-found', text);
  }

  /** Throws what the script says of a request that it can't answer. */
  async ask(request: object): Promise<object> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(this.#complaint.split('\n').at(-1) || 'the Python process ended');
    const parsed = answer.parse(JSON.parse(value));
    if (!parsed.ok) throw new Error(`PyTorch: ${parsed.error}`);
    return parsed;
  }

  close(): void {
    this.#process.stdin.end();
  }
}
