import { readSync, writeSync } from 'node:fs';
import {
  type Announced,
  bytesIn,
  bytesOf,
  type Frame,
  frameHead,
  PREFIX_BYTES,
  splitArrays,
  type WireArray,
} from '../wire.ts';

/**
 * The process's end of the pipes: orders and answers come in by descriptor 0, everything goes out by 3. It waits
 * while it reads: between two orders nothing of the plugin runs.
 */
const INCOMING = 0;
const OUTGOING = 3;

// Kept from before the plugin came, who may put something else there.
const end = (process as unknown as { reallyExit(code: number): never }).reallyExit.bind(process);

/** The next frame; ends the process when the host has closed its end. */
export function receive<H = Record<string, unknown>>(): Frame<H & Announced> {
  const prefix = new DataView(read(PREFIX_BYTES));
  const text = new TextDecoder().decode(read(prefix.getUint32(0, true)));
  const header = JSON.parse(text) as H & Announced;
  return { header, arrays: splitArrays(header, read(bytesOf(header))) };
}

/** Sends a frame whole. */
export function send(header: object, arrays: readonly WireArray[] = []): void {
  write(frameHead(header, arrays));
  for (const array of arrays) write(bytesIn(array));
}

function read(length: number): ArrayBuffer {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const got = readSome(bytes, at);
    if (got === 0) end(0);
    at += got;
  }
  return bytes.buffer;
}

/** 0 at the end: on Windows a closed pipe is an error. */
function readSome(bytes: Uint8Array, at: number): number {
  try {
    return readSync(INCOMING, bytes, at, bytes.length - at, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
    throw error;
  }
}

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(OUTGOING, bytes, at, bytes.length - at);
}
