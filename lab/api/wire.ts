import { HalftoneError, type Place } from '@halftone/sdk/errors';
import { z } from 'zod';
import { decodeMessage, encodeMessage } from './codec.ts';

/** A two-way channel of messages: a socket, a MessagePort. Messages are plain data with typed arrays in it. */
export interface Channel {
  post(message: unknown): void;
  /** Messages of the other side, from now on. */
  on(listener: (message: unknown) => void): void;
}

/** An error that the other side's lab threw: the words are its own, `code` a `HalftoneError`'s or `internal`. */
export class LabError extends Error {
  readonly code: string;
  /** The part of what was asked for that it is about. */
  readonly place: Place | undefined;

  constructor(
    code: string,
    message: string,
    remote: { readonly stack?: string; readonly place?: Place } = {},
  ) {
    super(message);
    this.name = 'LabError';
    this.code = code;
    this.place = remote.place;
    if (remote.stack !== undefined) this.stack = remote.stack;
  }
}

const call = z.object({
  t: z.literal('q'),
  i: z.string().optional(),
  m: z.string(),
  a: z.array(z.unknown()),
});
const answer = z.object({
  t: z.literal('s'),
  i: z.string(),
  r: z.unknown().optional(),
  e: z
    .object({
      code: z.string(),
      message: z.string(),
      stack: z.string().optional(),
      place: z.array(z.union([z.string(), z.number()])).optional(),
    })
    .nullish(),
});
const envelope = z.discriminatedUnion('t', [call, answer]);

/** A message of the RPC library as plain data: errors become their code, message and stack. */
export function pack(message: { e?: unknown }): unknown {
  return message.e === undefined ? message : { ...message, e: plainError(message.e) };
}

/** The other way; throws on what is no message. */
export function unpack(message: unknown): unknown {
  const { data, error } = envelope.safeParse(message);
  if (error) throw new HalftoneError('bad-argument', 'a message that is not one of the lab');
  if (data.t === 'q' || data.e === undefined || data.e === null) return data;
  const { code, message: words, stack, place } = data.e;
  const remote = { ...(stack === undefined ? {} : { stack }), ...(place === undefined ? {} : { place }) };
  return { ...data, e: new LabError(code, words, remote) };
}

interface PlainError {
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
  readonly place?: Place;
}

function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { code: 'internal', message: String(error) };
  const stack = error.stack === undefined ? {} : { stack: error.stack };
  if (!(error instanceof HalftoneError)) return { code: 'internal', message: error.message, ...stack };
  const place = error.place === undefined ? {} : { place: error.place };
  return { code: error.code, message: error.message, ...stack, ...place };
}

/** What a browser's WebSocket and the server's have in common. */
interface Socket {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  close(code?: number, reason?: string): void;
}

/** 1003 of RFC 6455: data that this end can't accept. */
const UNSUPPORTED_DATA = 1003;

/** A WebSocket as a channel; a message that can't be decoded closes it. */
export function socketChannel(socket: Socket): Channel {
  socket.binaryType = 'arraybuffer';
  return {
    post: (message) => socket.send(encodeMessage(message)),
    on: (listener) =>
      socket.addEventListener('message', ({ data }) => {
        const message = data instanceof ArrayBuffer ? tryDecode(new Uint8Array(data)) : undefined;
        if (message === undefined) socket.close(UNSUPPORTED_DATA, 'not a message of the lab');
        else listener(message);
      }),
  };
}

function tryDecode(bytes: Uint8Array): unknown {
  try {
    return decodeMessage(bytes);
  } catch {
    return undefined;
  }
}
