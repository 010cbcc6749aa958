import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Peer, PYTHON, pythonEnvironment, type TorchVersions } from './peer.ts';

/** PyTorch's side of the input gradients: `python/torch_gradient.py`, and the exports that it shares with ours. */

export const CACHE = join(import.meta.dirname, 'cache');

/** Files of images and labels that both sides read. */
export interface Inputs {
  readonly x: string;
  readonly labels: string;
}

export class Torch {
  readonly #peer: Peer;
  readonly #threads: number;

  private constructor(peer: Peer, threads: number) {
    this.#peer = peer;
    this.#threads = threads;
  }

  /** Throws what `Peer.start` throws. */
  static async start(threads: number): Promise<{ torch: Torch; versions: TorchVersions }> {
    const { peer, versions } = await Peer.start('torch_gradient.py', threads);
    return { torch: new Torch(peer, threads), versions };
  }

  /** Writes noise images and labels for a model to the two files. */
  async inputs(model: string, batch: number, files: Inputs): Promise<void> {
    await this.#peer.ask({ do: 'inputs', model, batch, ...files });
  }

  async load(model: string): Promise<void> {
    await this.#peer.ask({ do: 'load', model, threads: this.#threads });
  }

  /** Milliseconds of one repetition. */
  async time(what: 'forward' | 'gradient', files: Inputs): Promise<number> {
    const timed = z.object({ milliseconds: z.number() });
    return timed.parse(await this.#peer.ask({ do: 'time', what, ...files })).milliseconds;
  }

  /** Writes d(mean cross-entropy)/dx to `out`, a .npy file. */
  async gradient(dtype: 'float32' | 'float64', files: Inputs, out: string): Promise<void> {
    await this.#peer.ask({ do: 'gradient', dtype, ...files, out });
  }

  close(): void {
    this.#peer.close();
  }
}

/** Exports whichever of the models `cache/` lacks; takes some seconds a model. */
export async function exportMissing(models: readonly string[]): Promise<void> {
  const missing = models.filter((name) => !existsSync(join(CACHE, `${name}.onnx`)));
  if (missing.length === 0) return;
  const script = join(import.meta.dirname, 'python/export_models.py');
  await promisify(execFile)(PYTHON, [script, ...missing], { env: pythonEnvironment(2) });
}
