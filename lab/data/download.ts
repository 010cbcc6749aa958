import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { HalftoneError, throwIfCancelled } from '@halftone/sdk';
import { fileError } from './schema.ts';
import { unreachedWords } from './unreached.ts';

/** A file that somebody gives to the world, as its authors publish it. */
export interface PublishedFile {
  readonly url: string;
  /** In hexadecimal. */
  readonly md5: string;
  /** Its size, where it is known before the server is asked. */
  readonly bytes?: number;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes that are here, and in all; the latter undefined where the server doesn't say. */
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
  /** A server that sends nothing for so long is given up; a minute by default. */
  readonly patienceMs?: number;
}

/**
 * Downloads a file to `to`, which is there whole and by its checksum or not at all. What has come is kept beside it
 * as `<to>.part`, and a later call goes on from there where the server can. A file that is there is only checked.
 *
 * Throws `not-found` for a server that can't be reached, breaks off or is silent (the part stays), `bad-file` for
 * another checksum (the part goes) or a disk that can't be written, `cancelled` (the part stays).
 */
export async function download(
  { url, md5 }: Pick<PublishedFile, 'url' | 'md5'>,
  to: string,
  options: DownloadOptions = {},
): Promise<void> {
  throwIfCancelled(options.signal);
  if ((await sizeOf(to)) > 0 && (await md5Of(to)) === md5) return;
  const part = `${to}.part`;
  await mkdir(dirname(to), { recursive: true }).catch((cause: unknown) => {
    throw fileError(to, cause, 'write');
  });
  await fetchRest(url, part, options);
  const found = await md5Of(part);
  if (found !== md5) {
    await rm(part, { force: true });
    const text = `${url}: not the original file: its MD5 is ${found}, its authors publish ${md5}; nothing is kept`;
    throw new HalftoneError('bad-file', text);
  }
  await rename(part, to).catch((cause: unknown) => {
    throw fileError(to, cause, 'write');
  });
}

/** Brings the part to its full length. */
async function fetchRest(url: string, part: string, options: DownloadOptions): Promise<void> {
  const { signal, patienceMs = 60_000 } = options;
  const silence = new AbortController();
  const both = signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]);
  let timer = setTimeout(() => silence.abort(), patienceMs);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), patienceMs);
  };
  try {
    const here = await sizeOf(part);
    // The file as it is: an answer unpacked on the way would have another checksum.
    const headers = { 'accept-encoding': 'identity', ...(here > 0 && { range: `bytes=${here}-` }) };
    const response = await fetch(url, { signal: both, headers });
    // 416: there is nothing after what we have. The checksum says whether that is all.
    if (response.status === 416) return await response.body?.cancel();
    if (!response.ok) throw unreachable(url, `the server answers ${response.status} ${response.statusText}`);
    const from = response.status === 206 && startOf(response) === here ? here : 0;
    await writeBody(response, part, from, heard, options.onProgress);
  } catch (cause) {
    if (cause instanceof HalftoneError) throw cause;
    throwIfCancelled(signal);
    if (silence.signal.aborted) throw unreachable(url, `no answer for ${patienceMs / 1000} s`, cause);
    throw unreachable(url, reasonOf(cause, url), cause);
  } finally {
    clearTimeout(timer);
  }
}

/** Where the bytes of a partial answer begin. */
function startOf(response: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

async function writeBody(
  response: Response,
  part: string,
  from: number,
  heard: () => void,
  onProgress: DownloadOptions['onProgress'],
): Promise<void> {
  const length = response.headers.get('content-length');
  const total = length === null ? undefined : from + Number(length);
  let done = from;
  const file = await open(part, from === 0 ? 'w' : 'a').catch((cause: unknown) => {
    throw fileError(part, cause, 'write');
  });
  try {
    for await (const bytes of response.body ?? []) {
      heard();
      await file.writeFile(bytes as Uint8Array).catch((cause: unknown) => {
        throw fileError(part, cause, 'write');
      });
      done += (bytes as Uint8Array).byteLength;
      onProgress?.(done, total);
    }
  } finally {
    await file.close();
  }
}

function unreachable(url: string, reason: string, cause?: unknown): HalftoneError {
  const text = `${url}: ${reason}; what has come is kept: the next try goes on from there`;
  return new HalftoneError('not-found', text, { cause });
}

/** Of a failed fetch, whose own message says nothing. */
function reasonOf(error: unknown, url: string): string {
  const { cause, message } = error as Error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const unreached = unreachedWords(code, new URL(url).host);
  if (unreached !== undefined) return unreached;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  try {
    for await (const bytes of createReadStream(path)) hash.update(bytes as Uint8Array);
  } catch (cause) {
    throw fileError(path, cause);
  }
  return hash.digest('hex');
}

/** The file's name in an address. */
export function nameInUrl(url: string): string {
  return basename(new URL(url).pathname);
}
