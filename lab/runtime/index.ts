/** Sessions of ONNX Runtime in a worker thread, on the first execution provider that works. */
export { PROVIDER_ORDER } from './providers.ts';
export { createRuntime, probeProviders } from './runtime.ts';
export type {
  LoadOptions,
  MemoryUsage,
  Provider,
  ProviderName,
  ProviderReport,
  RunOptions,
  Runtime,
  RuntimeOptions,
  Session,
} from './types.ts';
