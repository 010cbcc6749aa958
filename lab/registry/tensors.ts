import { registerGradients, type TensorFlow } from '@halftone/sdk';

/** TensorFlow.js as plugins get it, on the fastest backend that this machine has. */
export interface Tensors {
  readonly tf: TensorFlow;
  readonly backend: TensorBackend;
  /** Why faster backends were passed over, one line each. */
  readonly missing: readonly string[];
}

/** `tensorflow`: the native library of @tensorflow/tfjs-node, an optional dependency. */
export type TensorBackend = 'tensorflow' | 'wasm' | 'cpu';

let loading: Promise<Tensors> | undefined;

/** Loads TensorFlow.js, once: native where it is installed, else WASM, else plain JavaScript. */
export function loadTensors(): Promise<Tensors> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Tensors> {
  const tf = unwrap(await import('@tensorflow/tfjs-core'));
  // The CPU backend prints an advertisement otherwise.
  tf.env().set('PROD', true);
  const missing: string[] = [];
  for (const [backend, register] of backends) {
    try {
      await register();
      if (!(await tf.setBackend(backend))) throw new Error('it did not start');
      await tf.ready();
      registerGradients(tf);
      return { tf, backend, missing };
    } catch (cause) {
      missing.push(`${backend}: ${reasonOf(cause)}`);
    }
  }
  throw new Error(`no TensorFlow.js backend starts: ${missing.join('; ')}`);
}

const backends: readonly (readonly [TensorBackend, () => Promise<unknown>])[] = [
  ['tensorflow', importNative],
  ['wasm', () => import('@tensorflow/tfjs-backend-wasm')],
  ['cpu', () => import('@tensorflow/tfjs-backend-cpu')],
];

async function importNative(): Promise<void> {
  // tfjs-node 4 calls a function of node:util that Node 23 took away.
  const util = (await import('node:util')).default as unknown as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  // Not a literal: an optional dependency has no types to check where it isn't installed.
  const name: string = '@tensorflow/tfjs-node';
  await import(name);
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return 'not installed';
  return message.split('\n')[0] ?? 'unknown reason';
}

/** Node sees a CommonJS package's exports under `default`, bundlers see them by name. */
function unwrap(module: TensorFlow & { default?: TensorFlow }): TensorFlow {
  return module.default ?? module;
}
