import type { DType, TensorData } from '../graph/ir.ts';
import type { LoadOptions, ProviderName } from './types.ts';

/** What the runtime and its worker say to each other: a request with a number, one answer with the same number. */

/** A tensor on its way between threads. */
export interface WireTensor {
  dtype: DType;
  dims: number[];
  data: TensorData;
}

export interface LoadRequest {
  kind: 'load';
  session: number;
  model: Uint8Array;
  provider: ProviderName;
  threads: number;
  options: Pick<LoadOptions, 'optimization' | 'optimizedModelPath' | 'profilePrefix'>;
}

export interface RunRequest {
  kind: 'run';
  session: number;
  feeds: Record<string, WireTensor>;
  fetches: string[];
  /** Send the feeds back with the answer. */
  giveBack?: boolean;
}

export interface ReleaseRequest {
  kind: 'release';
  session: number;
}

export type WorkerRequest = LoadRequest | RunRequest | ReleaseRequest;

/** An input or output as ONNX Runtime tells it: -1 stands for an extent without a name. */
export interface WireValue {
  name: string;
  dtype: string;
  shape: (number | string)[];
}

/** Answers by the kind of their request. */
export interface Answers {
  load: { inputs: WireValue[]; outputs: WireValue[] };
  run: { outputs: Record<string, WireTensor>; feeds?: Record<string, WireTensor> };
  release: undefined;
}

export type WorkerAnswer =
  | { number: number; ok: true; value: Answers[keyof Answers] }
  | { number: number; ok: false; message: string };
