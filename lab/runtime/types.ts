import type { Tensor, ValueInfo } from '../graph/ir.ts';

/** Execution providers of ONNX Runtime that the lab knows. */
export type ProviderName = 'cuda' | 'webgpu' | 'dml' | 'coreml' | 'cpu';

/** How sessions are to run. */
export interface RuntimeOptions {
  /**
   * Providers in the order in which to try them. By default `PROVIDER_ORDER`, where WebGPU counts only on a
   * hardware adapter; named here, it is taken on a software adapter too.
   */
  readonly providers?: readonly ProviderName[];
  /** Threads that one run may use on the CPU; all logical cores by default. */
  readonly threads?: number;
}

/** What a probe of one provider found. */
export interface ProviderReport {
  readonly name: ProviderName;
  readonly available: boolean;
  /** Why it is not available, one line. */
  readonly reason?: string;
  /** The provider in words, such as `CPU, 2 threads`. */
  readonly description: string;
}

/** The provider that a runtime chose. */
export interface Provider {
  readonly name: ProviderName;
  /** In words, such as `CPU, 2 threads`. */
  readonly description: string;
}

/** Memory of this process: the native side and JavaScript together. */
export interface MemoryUsage {
  /** Resident bytes now. */
  readonly currentBytes: number;
  /** The most bytes that have been resident since the process began. */
  readonly peakBytes: number;
}

/** Settings of one session; all optional. */
export interface LoadOptions {
  /** What to call the model in errors; `the model` by default. */
  readonly name?: string;
  /** Graph rewrites by ONNX Runtime; `all` by default. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Write the optimised model to this path (benchmarks and debugging). */
  readonly optimizedModelPath?: string;
  /** Profile each run by node; the JSON is written to this prefix plus a time stamp on `release`. */
  readonly profilePrefix?: string;
  /** Give up waiting: a load that has not begun is dropped. */
  readonly signal?: AbortSignal;
}

/** Settings of one run; all optional. */
export interface RunOptions {
  /** Names of the wanted outputs; all by default. What only the others need is still computed. */
  readonly fetches?: readonly string[];
  /**
   * Cancels: a run still in the queue is dropped. ONNX Runtime's Node binding can't stop one that has begun,
   * which therefore ends in the background. The caller is freed at once either way.
   */
  readonly signal?: AbortSignal;
  /** Move the feeds' memory instead of copying it: the caller's arrays are empty afterwards. */
  readonly transfer?: boolean;
  /** With `transfer`: takes the feeds back once the run is over, in memory that may be written to for the next one. */
  readonly giveBack?: (feeds: Readonly<Record<string, Tensor>>) => void;
}

/** A model that is loaded and ready to run. */
export interface Session {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** False once released, or once its worker has died: load the model again. */
  readonly alive: boolean;
  /**
   * Feeds by input name in, tensors by output name out. Runs of all sessions of a runtime queue up.
   * Throws `HalftoneError`: `bad-argument` (a feed that is missing, unknown, of another type or shape),
   * `cancelled`, `bad-graph` (the model fails in ONNX Runtime), `internal` (the worker died).
   */
  run(feeds: Readonly<Record<string, Tensor>>, options?: RunOptions): Promise<Record<string, Tensor>>;
  /** Gives the memory back. Harmless when called again. */
  release(): Promise<void>;
}

/** A worker that holds sessions on one provider. */
export interface Runtime {
  readonly provider: Provider;
  readonly threads: number;
  /**
   * Loads an ONNX file. The bytes are moved, not copied: `model` is empty afterwards (pass a copy to keep them;
   * a view of a larger or shared buffer is copied). Throws `HalftoneError` `bad-graph` for a model that ONNX Runtime refuses.
   */
  load(model: Uint8Array, options?: LoadOptions): Promise<Session>;
  /** Ends the worker; what is pending rejects with `cancelled`. */
  close(): Promise<void>;
  memory(): MemoryUsage;
}
