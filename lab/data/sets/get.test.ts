import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { download } from '../download.ts';
import { addedIdxSet, type IdxSet } from './idx-set.ts';
import { fetchToShelf, findSet } from './index.ts';

/** Fetching data sets, from a server on this machine. */

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
const md5Of = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

let root: string;
let server: Server;
let address: string;
/** What the server was asked: path and range. */
let asked: string[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'halftone-get-'));
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? 'all'}`);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(root, { recursive: true });
});

/** Answers as servers of files do, with the part that is asked for. */
function serve(bytes: Uint8Array, { headers, url }: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (url === '/none') return void response.writeHead(404).end();
  if (from >= bytes.length) return void response.writeHead(416).end();
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': bytes.length - from,
    ...(from > 0 && range),
  });
  response.end(bytes.subarray(from));
}

/** Sends the first 100,000 bytes and hangs up when something of them has come to the file. */
function breakOff(response: ServerResponse, part: string): void {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, 100_000));
  const arrived = async () => (await stat(part).catch(() => undefined))?.size ?? 0;
  const poll = async (): Promise<void> => {
    if ((await arrived()) > 0) response.destroy();
    else setTimeout(poll, 10);
  };
  void poll();
}

test('a download that broke off goes on where it was', async () => {
  const to = join(root, 'folder', 'file.gz');
  const file = { url: `${address}file.gz`, md5: md5Of(content) };
  answer = (_, response) => breakOff(response, `${to}.part`);
  await expect(download(file, to)).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('the next try goes on from there'),
  });
  expect(await readdir(join(root, 'folder'))).toEqual(['file.gz.part']);
  const { length } = await readFile(`${to}.part`);
  expect(length).toBeGreaterThan(0);

  answer = (request, response) => serve(content, request, response);
  const seen: [number, number | undefined][] = [];
  await download(file, to, { onProgress: (done, total) => seen.push([done, total]) });
  expect(asked).toEqual(['/file.gz all', `/file.gz bytes=${length}-`]);
  expect(md5Of(await readFile(to))).toBe(file.md5);
  expect(await readdir(join(root, 'folder'))).toEqual(['file.gz']);
  expect(seen.at(-1)).toEqual([content.length, content.length]);

  await download(file, to);
  expect(asked).toHaveLength(2);
});

test('a server that knows no ranges sends all of it again; one that has no more is believed by checksum', async () => {
  const to = join(root, 'file');
  const file = { url: `${address}file`, md5: md5Of(content) };
  answer = (_, response) => breakOff(response, `${to}.part`);
  await expect(download(file, to)).rejects.toThrow(file.url);
  answer = (_, response) => response.end(content);
  await download(file, to);
  expect(md5Of(await readFile(to))).toBe(file.md5);

  const { rename } = await import('node:fs/promises');
  await rename(to, `${to}.part`);
  answer = (request, response) => serve(content, request, response);
  await download(file, to);
  expect(md5Of(await readFile(to))).toBe(file.md5);
});

test('another checksum, no such file, silence and nobody there: told, and nothing wrong kept', async () => {
  const to = join(root, 'file');
  const url = `${address}file`;
  answer = (request, response) => serve(content, request, response);
  const wrong = download({ url, md5: md5Of(Uint8Array.of(1)) }, to);
  await expect(wrong).rejects.toMatchObject({ code: 'bad-file' });
  await expect(wrong).rejects.toThrow(`not the original file: its MD5 is ${md5Of(content)}`);
  await expect(download({ url: `${address}none`, md5: '' }, to)).rejects.toThrow('answers 404 Not Found');
  answer = () => {};
  await expect(download({ url, md5: '' }, to, { patienceMs: 50 })).rejects.toThrow('no answer for 0.05 s');
  await expect(download({ url: 'http://127.0.0.1:9/', md5: '' }, to)).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(await readdir(root)).toEqual([]);
});

test('a cancelled download says so and keeps what has come', async () => {
  const cancel = new AbortController();
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 1000));
  };
  const file = { url: `${address}file`, md5: '' };
  const onProgress = () => cancel.abort();
  const cancelled = download(file, join(root, 'file'), { signal: cancel.signal, onProgress });
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  expect(await readdir(root)).toEqual(['file.part']);
});

/** Three images of 1×1 in each split. */
const idx = (shape: number[]) =>
  gzipSync(Uint8Array.of(0, 0, 8, shape.length, ...shape.flatMap((n) => [0, 0, 0, n]), 0, 1, 2));
const files: Record<string, Buffer> = {
  '/train-images-idx3-ubyte.gz': idx([3, 1, 1]),
  '/train-labels-idx1-ubyte.gz': idx([3]),
  '/t10k-images-idx3-ubyte.gz': idx([3, 1, 1]),
  '/t10k-labels-idx1-ubyte.gz': idx([3]),
};
const small: IdxSet = {
  name: 'small',
  summary: 'a set for tests',
  classes: ['a', 'b', 'c'].map((name) => ({ name })),
  height: 1,
  width: 1,
  counts: { train: 3, test: 3 },
  balanced: true,
  md5: Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path.slice(1, -3), md5Of(bytes)])),
};

test('a set is fetched file by file, checked and put on the shelf', async () => {
  const set = addedIdxSet(small, { home: 'https://example.org', files: address });
  const shelf = join(root, 'shelf');
  answer = (request, response) => {
    if (asked.length === 3) response.destroy();
    else serve(files[request.url!]!, request, response);
  };
  await expect(fetchToShelf(set, shelf)).rejects.toThrow('t10k-images-idx3-ubyte.gz');
  expect(await set.isHere(shelf)).toBe(false);

  const shelved = await fetchToShelf(set, shelf);
  expect(shelved.files.every(({ checked }) => checked === 'checksum')).toBe(true);
  expect(asked.map((line) => line.split(' ')[0])).toEqual([
    ...Object.keys(files).slice(0, 3),
    ...Object.keys(files).slice(2),
  ]);
  const { labels } = await (await set.open(shelf)).splits.test.read([2]);
  expect([...labels]).toEqual([2]);
  await expect(fetchToShelf(set, shelf)).rejects.toThrow('small was added already');
  await expect(fetchToShelf(findSet('mnist'), shelf)).rejects.toThrow('nothing to add');
});

test('the sets that can be got have an address and a checksum for every file', () => {
  for (const name of ['fashion-mnist', 'cifar-10']) {
    for (const { url, md5, bytes } of findSet(name).originals!.published) {
      expect(bytes).toBeGreaterThan(1_000);
      expect(URL.canParse(url)).toBe(true);
      expect(md5).toMatch(/^[0-9a-f]{32}$/);
    }
  }
});
