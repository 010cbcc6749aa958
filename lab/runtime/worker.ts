import { createRequire } from 'node:module';
import { isMarkedAsUntransferable, parentPort } from 'node:worker_threads';
import type * as OrtModule from 'onnxruntime-node';
import type {
  Answers,
  LoadRequest,
  RunRequest,
  WireTensor,
  WireValue,
  WorkerAnswer,
  WorkerRequest,
} from './messages.ts';
import { executionProvider } from './providers.ts';

/**
 * The thread in which sessions live: `InferenceSession.run` blocks its thread for the whole run.
 * Requests are answered one after the other.
 */

// The package is CommonJS and exports by assignment, which Node's named imports don't see.
const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof OrtModule;
// ONNX Runtime writes warnings to the process's stderr by itself; errors reach us as exceptions.
ort.env.logLevel = 'fatal';
const LOG_FATAL = 4;

const port = parentPort;
if (!port) throw new Error('worker.ts runs as a worker thread');

interface Loaded {
  readonly session: OrtModule.InferenceSession;
  readonly profiled: boolean;
}
const sessions = new Map<number, Loaded>();

function describe(values: readonly OrtModule.InferenceSession.ValueMetadata[]): WireValue[] {
  return values.map((value) => {
    if (!value.isTensor) throw new Error(`'${value.name}' is not a tensor`);
    return { name: value.name, dtype: value.type, shape: value.shape.map((extent) => extent || -1) };
  });
}

function sessionOptions(request: LoadRequest): OrtModule.InferenceSession.SessionOptions {
  const { optimization, optimizedModelPath, profilePrefix } = request.options;
  return {
    executionProviders: [executionProvider(request.provider)],
    intraOpNumThreads: request.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: optimization ?? 'all',
    // DirectML forbids memory patterns.
    enableMemPattern: request.provider !== 'dml',
    logSeverityLevel: LOG_FATAL,
    // Threads spin for work within a run only: spinning on between runs, they take the cores from the next
    // session and from JavaScript (two sessions alternating on two cores: 78 ms a run with it, 41 without).
    extra: { session: { force_spinning_stop: '1' } },
    ...(optimizedModelPath === undefined ? {} : { optimizedModelFilePath: optimizedModelPath }),
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
}

async function load(request: LoadRequest): Promise<Answers['load']> {
  const session = await ort.InferenceSession.create(request.model, sessionOptions(request));
  // ONNX Runtime has its own copy by now: give the file's bytes back without waiting for the collector.
  (request.model.buffer as ArrayBuffer).transfer(0);
  sessions.set(request.session, { session, profiled: request.options.profilePrefix !== undefined });
  return { inputs: describe(session.inputMetadata), outputs: describe(session.outputMetadata) };
}

function toOrt({ dtype, dims, data }: WireTensor): OrtModule.Tensor {
  return new ort.Tensor(dtype as OrtModule.Tensor.Type, data as OrtModule.Tensor.DataType, dims);
}

async function run(request: RunRequest): Promise<Answers['run']> {
  const loaded = sessions.get(request.session);
  if (!loaded) throw new Error('the session is not loaded');
  const feeds = Object.fromEntries(
    Object.entries(request.feeds).map(([name, tensor]) => [name, toOrt(tensor)]),
  );
  const results = await loaded.session.run(feeds, request.fetches);
  const outputs = Object.fromEntries(
    Object.entries(results).map(([name, value]) => {
      const tensor = value as OrtModule.Tensor;
      return [name, { dtype: tensor.type, dims: [...tensor.dims], data: tensor.data } as WireTensor];
    }),
  );
  return request.giveBack ? { outputs, feeds: request.feeds } : { outputs };
}

async function release(number: number): Promise<undefined> {
  const loaded = sessions.get(number);
  sessions.delete(number);
  if (loaded?.profiled) loaded.session.endProfiling();
  await loaded?.session.release();
}

/** The buffers of a run's tensors that may move; whatever may not is copied by `postMessage`. */
function movable({ outputs, feeds = {} }: Answers['run']): ArrayBuffer[] {
  const buffers = [...Object.values(outputs), ...Object.values(feeds)].map(
    (tensor) => tensor.data.buffer as ArrayBuffer,
  );
  return [...new Set(buffers)].filter((buffer) => !isMarkedAsUntransferable(buffer));
}

async function answer(number: number, request: WorkerRequest): Promise<void> {
  const say = (value: WorkerAnswer, transfer: ArrayBuffer[] = []): void => port!.postMessage(value, transfer);
  try {
    if (request.kind === 'run') {
      const value = await run(request);
      say({ number, ok: true, value }, movable(value));
    } else {
      say({
        number,
        ok: true,
        value: request.kind === 'load' ? await load(request) : await release(request.session),
      });
    }
  } catch (error) {
    say({ number, ok: false, message: error instanceof Error ? error.message : String(error) });
  }
}

port.on('message', ({ number, request }: { number: number; request: WorkerRequest }) => {
  void answer(number, request);
});
