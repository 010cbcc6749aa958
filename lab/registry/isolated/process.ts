import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { HalftoneError } from '@halftone/sdk/errors';
import { findingsOf, sayFindings } from '../../data/schema.ts';
import type { CommandLine, Limits } from './confine.ts';
import { Log } from './log.ts';
import { occupiedMiB } from './memory.ts';
import {
  type Incoming,
  type IncomingNotice,
  type IncomingOutcome,
  type IncomingQuestion,
  incoming,
  isNotice,
  isOutcome,
  plainText,
} from './messages.ts';
import { FrameReader } from './reader.ts';
import { type Answer, bytesIn, bytesOf, frameHead, type Order, type WireArray } from './wire.ts';

/** Who answers while an order is carried out. */
export interface OrderHandlers {
  /** Most bytes of arrays in one frame. */
  readonly mostBytes: number;
  answer?(
    question: IncomingQuestion,
    arrays: readonly WireArray[],
  ): Promise<{ answer: Answer; arrays: readonly WireArray[] }>;
  notice?(notice: IncomingNotice, arrays: readonly WireArray[]): void;
}

/** The last word on an order, with its arrays. */
export interface OrderResult {
  readonly outcome: Extract<IncomingOutcome, { type: 'done' }>;
  readonly arrays: readonly WireArray[];
}

/** A plugin's process that was ended, for the record. */
export interface EndReport {
  readonly reason: string;
  /** The last that it wrote to its log. */
  readonly log: string;
}

/** An error that the plugin threw; its process is well. */
export class PluginFailure extends Error {
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined, stack: string | undefined) {
    super(message);
    this.code = code;
    if (stack !== undefined) this.stack = stack;
  }
}

interface Running {
  readonly handlers: OrderHandlers;
  readonly resolve: (result: OrderResult) => void;
  readonly reject: (error: Error) => void;
  /** The host owes an answer: the plugin's silence is not its own. */
  answering: boolean;
  /** How far it said that it was. */
  furthest: number;
}

const WATCH_MS = 100;
const MIB = 2 ** 20;

/** Processes that live, to be ended with the host's. */
const living = new Set<ConfinedProcess>();
let watchingExit = false;

/**
 * One plugin's process: orders go in, one at a time; its questions are answered and its bounds watched meanwhile.
 * Whatever it does that it must not ends it, and the order with it, with a `bad-plugin` error that says why. While
 * no order runs it keeps the host's process from ending no longer.
 */
export class ConfinedProcess {
  readonly #name: string;
  readonly #limits: Limits;
  readonly #child: ChildProcess;
  readonly #log: Log;
  readonly #onEnd: (report: EndReport) => void;
  readonly #reader: FrameReader<Incoming>;
  #running: Running | undefined;
  #ended: HalftoneError | undefined;
  #heardMs = performance.now();
  #patienceMs: number;
  #second = { startMs: 0, notices: 0 };

  constructor(name: string, command: CommandLine, limits: Limits, onEnd: (report: EndReport) => void) {
    this.#name = name;
    this.#limits = limits;
    this.#onEnd = onEnd;
    this.#patienceMs = limits.startMs;
    this.#log = new Log(limits.logBytes, () =>
      this.#end(`it wrote more than ${limits.logBytes / MIB} MiB of log`),
    );
    this.#reader = new FrameReader<Incoming>({
      accept: (header) => this.#accept(header),
      take: (header, arrays) => this.#take(header, arrays),
    });
    this.#child = spawn(command.program, command.args, {
      env: command.env,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#listen();
    this.#keepAlive(false);
    remember(this);
  }

  /** Whether it can take orders. */
  get alive(): boolean {
    return this.#ended === undefined;
  }

  /**
   * Has an order carried out. Throws `PluginFailure` for what the plugin threw, `cancelled` when the signal says so
   * (the process ends with it), and `bad-plugin` when the process was ended.
   */
  async order(
    order: Order,
    arrays: readonly WireArray[],
    handlers: OrderHandlers,
    signal?: AbortSignal,
  ): Promise<OrderResult> {
    if (this.#ended !== undefined) throw this.#ended;
    if (this.#running !== undefined) throw new Error('a plugin carries out one order at a time');
    const { promise, resolve, reject } = Promise.withResolvers<OrderResult>();
    this.#running = { handlers, resolve, reject, answering: false, furthest: -1 };
    this.#patienceMs = order.type === 'load' ? this.#limits.startMs : this.#limits.silenceMs;
    this.#heardMs = performance.now();
    const cancel = (): void => this.#stop(new HalftoneError('cancelled', 'cancelled'));
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    this.#keepAlive(true);
    const watch = setInterval(() => void this.#watch(), WATCH_MS);
    try {
      if (this.alive) this.#send(order, arrays);
      return await promise;
    } finally {
      clearInterval(watch);
      signal?.removeEventListener('abort', cancel);
      this.#running = undefined;
      this.#keepAlive(false);
    }
  }

  /** Ends the process; what runs is cancelled. */
  close(): void {
    this.#stop(new HalftoneError('cancelled', `plugin '${this.#name}' was closed`));
  }

  #listen(): void {
    const child = this.#child;
    child.on('error', (error) => this.#end(`it doesn't start: ${error.message}`));
    // 'close', not 'exit': what it wrote last has arrived by then.
    child.on('close', (code, signal) => this.#end(endedByItself(code, signal)));
    child.stdin?.on('error', () => {});
    (child.stdio[3] as Readable).on('error', () => {});
    child.stdout?.on('data', (piece: Buffer) => this.#log.write(piece));
    child.stderr?.on('data', (piece: Buffer) => this.#log.write(piece));
    (child.stdio[3] as Readable).on('data', (piece: Buffer) => {
      if (this.#ended !== undefined) return;
      try {
        this.#reader.push(piece);
      } catch (error) {
        this.#end((error as Error).message);
      }
    });
  }

  #accept(header: unknown): Incoming {
    const parsed = incoming.safeParse(header);
    if (!parsed.success)
      throw new Error(`it sent a message that is none: ${sayFindings(findingsOf(parsed.error))}`);
    const message = parsed.data;
    const { handlers, answering } = this.#running ?? {};
    if (handlers === undefined) throw new Error('it sent a message that nobody waits for');
    if (answering) throw new Error('it asked again before it was answered');
    if (isNotice(message)) this.#count();
    const bytes = bytesOf(message);
    if (bytes > handlers.mostBytes) {
      throw new Error(
        `it sent ${Math.ceil(bytes / MIB)} MiB at once, ${Math.ceil(handlers.mostBytes / MIB)} are the most`,
      );
    }
    return message;
  }

  #count(): void {
    const now = performance.now();
    if (now - this.#second.startMs > 1000) this.#second = { startMs: now, notices: 0 };
    this.#second.notices += 1;
    const { noticesPerSecond } = this.#limits;
    if (this.#second.notices > noticesPerSecond) {
      throw new Error(`it flooded the lab with messages, more than ${noticesPerSecond} in a second`);
    }
  }

  #take(message: Incoming, arrays: WireArray[]): void {
    const running = this.#running;
    if (running === undefined) return;
    if (isStep(message, running)) this.#heardMs = performance.now();
    if (isNotice(message)) running.handlers.notice?.(message, arrays);
    else if (isOutcome(message)) this.#settle(running, message, arrays);
    else void this.#answer(running, message, arrays);
  }

  #settle(running: Running, outcome: IncomingOutcome, arrays: WireArray[]): void {
    if (outcome.type === 'done') {
      running.resolve({ outcome, arrays });
      return;
    }
    const { message, code, stack } = outcome;
    running.reject(new PluginFailure(plainText(message), code, stack));
  }

  async #answer(running: Running, question: IncomingQuestion, arrays: WireArray[]): Promise<void> {
    const { handlers } = running;
    if (handlers.answer === undefined)
      return this.#end(`it asked for ${question.type}, which it has no right to`);
    running.answering = true;
    try {
      const { answer, arrays: answered } = await handlers.answer(question, arrays);
      running.answering = false;
      this.#heardMs = performance.now();
      if (this.alive) this.#send(answer, answered);
    } catch (error) {
      running.answering = false;
      if (error instanceof BadQuestion) return this.#end(error.message);
      // What the host itself fails at is no fault of the plugin's; it need not go on either.
      running.reject(error as Error);
      this.#stop(new HalftoneError('cancelled', 'its run failed'));
    }
  }

  async #watch(): Promise<void> {
    const running = this.#running;
    if (running === undefined || this.#ended !== undefined) return;
    const silence = performance.now() - this.#heardMs;
    if (!running.answering && silence > this.#patienceMs) {
      return this.#end(`it neither asked nor got further for ${this.#patienceMs / 1000} s`);
    }
    const { pid } = this.#child;
    const memory = pid === undefined ? undefined : await occupiedMiB(pid);
    if (memory !== undefined && memory > this.#limits.memoryMiB) {
      this.#end(`it took more than ${this.#limits.memoryMiB} MiB of memory`);
    }
  }

  #send(header: Order | Answer, arrays: readonly WireArray[]): void {
    const { stdin } = this.#child;
    stdin?.write(frameHead(header, arrays));
    for (const array of arrays) if (array.byteLength > 0) stdin?.write(bytesIn(array));
  }

  /** Ends it for what it did; kept for the record. */
  #end(reason: string): void {
    if (this.#ended !== undefined) return;
    const log = this.#log.tail();
    const words = lastWords(log);
    const said = words === '' ? '' : `; it wrote: ${words}`;
    this.#stop(new HalftoneError('bad-plugin', `plugin '${this.#name}' was ended: ${reason}${said}`));
    this.#onEnd({ reason, log });
  }

  #stop(error: HalftoneError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    living.delete(this);
    this.#child.kill('SIGKILL');
    this.#running?.reject(error);
  }

  #keepAlive(alive: boolean): void {
    const { stdio } = this.#child;
    for (const handle of [this.#child, ...(stdio as unknown as Socket[])]) {
      if (alive) handle?.ref();
      else handle?.unref();
    }
  }
}

/** What a plugin asked for and may not have, or asked for wrongly: it ends its process. */
export class BadQuestion extends Error {}

/** Whether a message says that work goes on: telling the same again doesn't. */
function isStep(message: Incoming, running: Running): boolean {
  if (message.type === 'report') return false;
  if (message.type !== 'progress') return true;
  const further = message.fraction > running.furthest;
  if (further) running.furthest = message.fraction;
  return further;
}

/** The line of a log that says most: an error's message where there is one, else the last. */
function lastWords(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '');
  return plainText(lines.find((line) => /error\b.*:/i.test(line)) ?? lines.at(-1) ?? '');
}

function endedByItself(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `it ended by itself with code ${code}` : `it crashed (${signal})`;
}

function remember(process_: ConfinedProcess): void {
  living.add(process_);
  if (watchingExit) return;
  watchingExit = true;
  process.once('exit', closeProcesses);
}

/** Ends every plugin's process. */
export function closeProcesses(): void {
  for (const one of living) one.close();
}
