import { type ErrorCode, HalftoneError } from '@halftone/sdk/errors';
import { unknownDim } from '../graph/dims.ts';
import type { DType, Tensor, ValueInfo } from '../graph/ir.ts';
import { RequestFailure, type WorkerLink } from './link.ts';
import type { LoadRequest, RunRequest, WireTensor, WireValue } from './messages.ts';
import type { LoadOptions, RunOptions, Session } from './types.ts';

/** Loading a model into the worker, and the session that comes of it. */

type Feeds = Readonly<Record<string, Tensor>>;

let sessions = 0;

/** See `Runtime.load`. */
export async function loadSession(
  link: WorkerLink,
  model: Uint8Array,
  where: Pick<LoadRequest, 'provider' | 'threads'>,
  options: LoadOptions,
): Promise<Session> {
  const { name = 'the model', signal, ...settings } = options;
  const bytes = ownsBuffer(model) ? model : model.slice();
  sessions += 1;
  const session = sessions;
  const request: LoadRequest = { kind: 'load', session, model: bytes, ...where, options: settings };
  try {
    const { inputs, outputs } = await link.request(request, [bytes.buffer as ArrayBuffer], signal);
    return new WorkerSession(link, session, name, inputs.map(valueInfo), outputs.map(valueInfo));
  } catch (error) {
    // A load that was under way when it was cancelled ends all the same: have its session dropped afterwards.
    if (signal?.aborted) void link.request({ kind: 'release', session }).catch(() => undefined);
    throw explain(error, 'bad-graph', `ONNX Runtime can't load ${name}`);
  }
}

class WorkerSession implements Session {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #link: WorkerLink;
  readonly #number: number;
  readonly #name: string;
  readonly #generation: number;
  #released = false;

  constructor(link: WorkerLink, number: number, name: string, inputs: ValueInfo[], outputs: ValueInfo[]) {
    this.#link = link;
    this.#number = number;
    this.#name = name;
    this.#generation = link.generation;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  get alive(): boolean {
    return !this.#released && this.#generation === this.#link.generation;
  }

  async run(feeds: Feeds, options: RunOptions = {}): Promise<Record<string, Tensor>> {
    if (!this.alive) {
      throw new HalftoneError('internal', `the session of ${this.#name} is gone; open the model again`);
    }
    for (const input of this.inputs) checkFeed(input, feeds[input.name], this.#name);
    const names = this.outputs.map((output) => output.name);
    const fetches = [...(options.fetches ?? names)];
    const stray = [
      ...Object.keys(feeds).filter((name) => !this.inputs.some((input) => input.name === name)),
      ...fetches.filter((name) => !names.includes(name)),
    ];
    if (stray.length > 0) {
      throw new HalftoneError('bad-argument', `${this.#name} has no input or output named '${stray[0]}'`);
    }
    const wire = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toWire(tensor)]));
    const { transfer = false, giveBack, signal } = options;
    const request: RunRequest = { kind: 'run', session: this.#number, feeds: wire, fetches };
    if (transfer && giveBack) request.giveBack = true;
    const answer = await this.#link
      .request(request, transfer ? movable(feeds) : [], signal)
      .catch((error: unknown) =>
        Promise.reject(explain(error, 'bad-graph', `ONNX Runtime can't run ${this.#name}`)),
      );
    if (answer.feeds) giveBack?.(answer.feeds);
    return answer.outputs;
  }

  async release(): Promise<void> {
    if (!this.alive) return;
    this.#released = true;
    await this.#link.request({ kind: 'release', session: this.#number }).catch((error: unknown) => {
      if (!(error instanceof HalftoneError)) throw error;
    });
  }
}

/** Does the view cover a buffer of its own, which may thus be moved away? Node's small Buffers share a pool. */
function ownsBuffer(view: ArrayBufferView): boolean {
  return view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength;
}

function movable(feeds: Feeds): ArrayBuffer[] {
  const views = Object.values(feeds).map((tensor) => tensor.data);
  return [...new Set(views.filter(ownsBuffer).map((view) => view.buffer as ArrayBuffer))];
}

/** Posting a view posts its whole buffer: a part of a larger one is cut out first. */
function toWire({ dtype, dims, data }: Tensor): WireTensor {
  return { dtype, dims: [...dims], data: ownsBuffer(data) ? data : data.slice() };
}

function valueInfo({ name, dtype, shape }: WireValue): ValueInfo {
  return {
    name,
    dtype: dtype as DType,
    shape: shape.map((extent) => (extent === -1 ? unknownDim() : extent)),
  };
}

function checkFeed(input: ValueInfo, feed: Tensor | undefined, model: string): asserts feed is Tensor {
  const fault = faultOf(input, feed);
  if (fault) throw new HalftoneError('bad-argument', `input '${input.name}' of ${model} ${fault}`);
}

function faultOf(input: ValueInfo, feed: Tensor | undefined): string | undefined {
  if (!feed) return 'is missing';
  if (feed.dtype !== input.dtype) return `is ${input.dtype}, not ${feed.dtype}`;
  const count = feed.dims.reduce((product, extent) => product * extent, 1);
  const dims = feed.dims.join(', ');
  if (feed.data.length !== count) return `got ${feed.data.length} values for the shape [${dims}]`;
  const shape = input.shape ?? feed.dims;
  const fits =
    shape.length === feed.dims.length && shape.every((e, i) => typeof e === 'string' || e === feed.dims[i]);
  return fits ? undefined : `has the shape [${shape.join(', ')}], not [${dims}]`;
}

/** Where ONNX Runtime's messages name its source files and functions, and how they say that memory ran out. */
const SOURCE_PLACE = /\S*onnxruntime_src\/\S+\s+.*?\)(::<lambda\(\)>)?\s+/g;
const OUT_OF_MEMORY = /bad_alloc|failed to allocate|out of memory|bad allocation/i;

/** The worker's failure as an error for people; errors that already are one stay. */
function explain(error: unknown, code: ErrorCode, what: string): Error {
  if (!(error instanceof RequestFailure)) return error instanceof Error ? error : new Error(String(error));
  return new HalftoneError(code, `${what}: ${plainReason(error.message)}`, { cause: error });
}

/** ONNX Runtime's message on one line, without source places; a hint instead where memory ran out. */
export function plainReason(message: string): string {
  if (OUT_OF_MEMORY.test(message)) return 'out of memory; use a smaller batch';
  return message.replace(SOURCE_PLACE, '').replace(/\s+/g, ' ').trim();
}
