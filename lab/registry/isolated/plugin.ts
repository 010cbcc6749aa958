import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import type { Manifest } from '../manifest.ts';
import {
  type CommandLine,
  confinedCommand,
  defaultLimits,
  type Limits,
  moduleRoots,
  providedPackages,
} from './confine.ts';
import {
  ConfinedProcess,
  type EndReport,
  type OrderHandlers,
  type OrderResult,
  PluginFailure,
} from './process.ts';
import { frameHead, type LoadOrder, type Order, PREFIX_BYTES, type WireArray } from './wire.ts';

/** A third party's plugin, and how it is to be held. */
export interface IsolatedOptions {
  readonly manifest: Manifest;
  /** Its folder, all that its process may read beside the SDK. A real path: no link leads to it. */
  readonly folder: string;
  readonly limits?: Partial<Limits>;
  /** It will not be run, only asked what it is. */
  readonly describeOnly?: boolean;
  /** Called before each start of its process; what it throws keeps the process from starting. */
  readonly verify?: () => Promise<void>;
  /** Told when its process was ended for what it did. */
  readonly onEnd?: (report: EndReport) => void;
}

/**
 * A plugin that runs in a process of its own. The process starts when it is first needed, is kept between orders and
 * started anew after an end; orders are carried out one after the other.
 */
export class IsolatedPlugin {
  readonly name: string;
  readonly limits: Limits;
  readonly #load: LoadOrder;
  readonly #folders: readonly string[];
  readonly #onEnd: (report: EndReport) => void;
  readonly #verify: () => Promise<void>;
  #process: ConfinedProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #command: CommandLine | undefined;

  constructor({ manifest, folder, limits, describeOnly = false, verify, onEnd }: IsolatedOptions) {
    const provided = providedPackages();
    this.name = manifest.name;
    this.limits = { ...defaultLimits, ...limits };
    this.#onEnd = onEnd ?? (() => {});
    this.#verify = verify ?? (async () => {});
    this.#folders = [...provided.folders, folder];
    this.#load = {
      type: 'load',
      name: manifest.name,
      kind: manifest.kind as LoadOrder['kind'],
      entry: pathToFileURL(join(folder, manifest.entry)).href,
      folder: pathToFileURL(join(folder, '/')).href,
      roots: moduleRoots(this.#folders),
      provided: provided.urls,
      // Models are only described; data sets read files.
      tensors: !describeOnly && manifest.kind !== 'model' && manifest.kind !== 'dataset',
    };
  }

  /** Starts the process, loads the plugin and returns what it says of itself, unchecked. Throws `bad-plugin`. */
  async start(): Promise<unknown> {
    return this.#inTurn(() => this.#started());
  }

  /** Has an order carried out, in a process that is started if need be. Throws as `ConfinedProcess.order`. */
  async order(
    order: Order,
    arrays: readonly WireArray[],
    handlers: OrderHandlers,
    signal?: AbortSignal,
  ): Promise<OrderResult> {
    return this.#inTurn(async () => {
      if (this.#process?.alive !== true) await this.#started();
      return this.#process!.order(order, arrays, handlers, signal);
    });
  }

  /**
   * A parameter's derived default for these values. In a process of its own that is waited for: parameters are checked where
   * nothing can be awaited. Throws `bad-plugin`.
   */
  derivedDefault(name: string, values: Readonly<Record<string, number | boolean | string>>): number {
    if (this.#command === undefined) throw new Error(`plugin '${this.name}' was never started`);
    const load = { ...this.#load, tensors: false };
    const frames = [load, { type: 'default', name, values } as const].map((order) => frameHead(order, []));
    const { program, args, env } = this.#command;
    const { output } = spawnSync(program, args, {
      env,
      input: Buffer.concat(frames),
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
      timeout: this.limits.startMs,
      killSignal: 'SIGKILL',
      maxBuffer: 4 << 20,
    });
    const answer = lastHeader((output?.[3] as Buffer | string | null) ?? '');
    const parsed = z.object({ type: z.literal('done'), value: z.number() }).safeParse(answer);
    if (!parsed.success)
      throw new HalftoneError('bad-plugin', `plugin '${this.name}' doesn't say the default of '${name}'`);
    return parsed.data.value;
  }

  close(): void {
    this.#process?.close();
    this.#process = undefined;
  }

  async #started(): Promise<unknown> {
    await this.#verify();
    this.#command ??= await confinedCommand(this.#folders, this.limits);
    const process_ = new ConfinedProcess(this.name, this.#command, this.limits, this.#onEnd);
    this.#process = process_;
    try {
      const { outcome } = await process_.order(this.#load, [], { mostBytes: 0 });
      return outcome.value;
    } catch (cause) {
      process_.close();
      if (!(cause instanceof PluginFailure)) throw cause;
      throw new HalftoneError('bad-plugin', `plugin '${this.name}' can't be loaded: ${cause.message}`, {
        cause,
      });
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** The header of the last frame in these bytes; undefined where there is none. */
function lastHeader(output: Buffer | string): unknown {
  const bytes = Buffer.from(output as Buffer);
  let header: unknown;
  for (let at = 0; at + PREFIX_BYTES <= bytes.length; ) {
    const end = at + PREFIX_BYTES + bytes.readUInt32LE(at);
    try {
      header = JSON.parse(bytes.toString('utf8', at + PREFIX_BYTES, end));
    } catch {
      return undefined;
    }
    at = end + bytes.readUInt32LE(at + 4);
  }
  return header;
}
