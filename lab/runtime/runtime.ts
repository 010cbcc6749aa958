import { availableParallelism } from 'node:os';
import { HalftoneError } from '@halftone/sdk/errors';
import { WorkerLink } from './link.ts';
import { isSlow, tryProvider } from './probe.ts';
import { describeProvider, onlySoftwareAdapter, PROVIDER_ORDER, wrongPlatform } from './providers.ts';
import { loadSession } from './session.ts';
import type {
  LoadOptions,
  MemoryUsage,
  Provider,
  ProviderName,
  ProviderReport,
  Runtime,
  RuntimeOptions,
  Session,
} from './types.ts';

const NO_HARDWARE = 'no hardware adapter; a software one would be slower than the CPU';

/**
 * Starts a worker on the first provider that works.
 * Throws `HalftoneError` `provider-unavailable` when none of those asked for does, with the reasons;
 * `bad-argument` for a number of threads that is none.
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const threads = checkThreads(options.threads);
  const link = new WorkerLink();
  const reasons: string[] = [];
  for (const name of checkProviders(options.providers)) {
    const report = await probe(link, name, threads, options.providers === undefined);
    if (report.available) return new WorkerRuntime(link, report, threads);
    reasons.push(`${name}: ${report.reason}`);
  }
  await link.close();
  throw new HalftoneError(
    'provider-unavailable',
    `no execution provider is available: ${reasons.join('; ')}`,
  );
}

/** Tries every provider with a tiny graph, by the standards of the default order. For `doctor`. */
export async function probeProviders(): Promise<ProviderReport[]> {
  const reports: ProviderReport[] = [];
  const link = new WorkerLink();
  for (const name of PROVIDER_ORDER) reports.push(await probe(link, name, checkThreads(), true));
  await link.close();
  return reports;
}

function checkThreads(threads = availableParallelism()): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return threads;
  throw new HalftoneError(
    'bad-argument',
    `the number of threads is ${threads}; give a whole number from 1 on`,
  );
}

function checkProviders(providers = PROVIDER_ORDER): readonly ProviderName[] {
  const unknown = providers.find((name) => !PROVIDER_ORDER.includes(name));
  if (unknown === undefined && providers.length > 0) return providers;
  const what =
    unknown === undefined ? 'no execution provider is named' : `there is no execution provider '${unknown}'`;
  throw new HalftoneError('bad-argument', `${what}; choose from ${PROVIDER_ORDER.join(', ')}`);
}

/** @param hardwareOnly refuse WebGPU on a software adapter. */
async function probe(
  link: WorkerLink,
  name: ProviderName,
  threads: number,
  hardwareOnly: boolean,
): Promise<ProviderReport> {
  const description = describeProvider(name, threads);
  const software = name === 'webgpu' && onlySoftwareAdapter();
  const unfit =
    wrongPlatform(name) ?? (software && hardwareOnly ? NO_HARDWARE : await tryProvider(link, name));
  if (unfit !== undefined) return { name, available: false, reason: unfit, description };
  if (name === 'webgpu' && hardwareOnly && (await isSlow(link, name))) {
    return { name, available: false, reason: NO_HARDWARE, description };
  }
  return { name, available: true, description: describeProvider(name, threads, software) };
}

class WorkerRuntime implements Runtime {
  readonly provider: Provider;
  readonly threads: number;
  readonly #link: WorkerLink;

  constructor(link: WorkerLink, { name, description }: Provider, threads: number) {
    this.#link = link;
    this.provider = { name, description };
    this.threads = threads;
  }

  load(model: Uint8Array, options: LoadOptions = {}): Promise<Session> {
    return loadSession(this.#link, model, { provider: this.provider.name, threads: this.threads }, options);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  memory(): MemoryUsage {
    const kibibyte = 1024;
    return { currentBytes: process.memoryUsage.rss(), peakBytes: process.resourceUsage().maxRSS * kibibyte };
  }
}
