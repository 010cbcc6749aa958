import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataApi } from '../api/contract/data.ts';
import { addedIdxSet } from '../data/sets/idx-set.ts';
import type { KnownSet } from '../data/sets/index.ts';
import { createContext, type LabContext } from './context.ts';
import { createDataService } from './data.ts';
import { openTestLab, type TestLab } from './testing.ts';

/** Data sets that are fetched, from a server on this machine. */

const idx = (kind: number, dimensions: number[], bytes: number[]) =>
  gzipSync(Uint8Array.from([0, 0, 8, kind, ...dimensions.flatMap((size) => [0, 0, 0, size]), ...bytes]));
const images = idx(3, [2, 1, 1], [0, 255]);
const labels = idx(1, [2], [0, 1]);
const files: Readonly<Record<string, Uint8Array>> = {
  '/train-images-idx3-ubyte.gz': images,
  '/train-labels-idx1-ubyte.gz': labels,
  '/t10k-images-idx3-ubyte.gz': images,
  '/t10k-labels-idx1-ubyte.gz': labels,
};
const md5Of = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

let opened: TestLab;
let context: LabContext;
let server: Server;
let address: string;
let set: KnownSet;
let data: DataApi;
/** Holds the last file's second half back until it resolves. */
let gate: Promise<void> | undefined;

beforeEach(async () => {
  gate = undefined;
  server = createServer(async ({ url }, response) => {
    const bytes = files[url!];
    if (bytes === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 10));
    if (url!.startsWith('/t10k-labels')) await gate;
    response.end(bytes.subarray(10));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  opened = await openTestLab();
  context = createContext(opened.dataDir, process.cwd());
  const md5 = Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [path.slice(1, -3), md5Of(bytes)]),
  );
  const shape = { height: 1, width: 1, counts: { train: 2, test: 2 }, balanced: true };
  const classes = [{ name: 'dark' }, { name: 'light' }];
  const home = 'https://example.org/small';
  set = addedIdxSet({ name: 'small', summary: 'Small', classes, md5, ...shape }, { home, files: address });
  data = createDataService(context, [set]);
});
afterEach(async () => {
  await context.jobs.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await opened.close();
});

/** The jobs as they stand, once it is so with the last one. */
async function until(state: string) {
  for (let since = 0; ; ) {
    const { jobs, version } = await context.jobs.watch({ since });
    if (jobs.at(-1)?.state === state) return jobs.at(-1)!;
    since = version;
  }
}

test('a set is told with its files, is fetched, can be used, is put away and comes back', async () => {
  const [before] = await data.listDataSets();
  expect(before).toMatchObject({ name: 'small', origin: 'published', here: false });
  expect(before!.published).toMatchObject({
    home: 'https://example.org/small',
    files: expect.arrayContaining([{ url: `${address}train-images-idx3-ubyte.gz`, md5: md5Of(images) }]),
    got: 0,
  });
  const job = await data.fetchData({ name: 'small' });
  expect(job).toMatchObject({ kind: 'data', subject: 'data:small', unit: 'bytes' });
  expect((await until('done')).error).toBeUndefined();
  const [after] = await data.listDataSets();
  expect(after).toMatchObject({ here: true, size: 2 * (18 + 10), published: { got: 0 } });
  expect((await set.open(context.materials.dataShelf)).splits.test.count).toBe(2);
  await expect(data.fetchData({ name: 'small' })).rejects.toThrow('here already');
  await data.removeData({ name: 'small' });
  expect((await data.listDataSets())[0]!.here).toBe(false);
  await expect(data.removeData({ name: 'small' })).rejects.toThrow('isn’t here');
  await data.restoreData({ name: 'small' });
  expect((await data.listDataSets())[0]!.here).toBe(true);
});

test('a fetch goes on beside what computes, can be called off, and goes on where it was', async () => {
  const holding = Promise.withResolvers<void>();
  context.jobs.start({ kind: 'run', subject: 'a', title: 'A', work: () => holding.promise });
  gate = new Promise(() => undefined);
  const { id } = await data.fetchData({ name: 'small' });
  // What has come is on the disk before it is told.
  for (let got = 0; got < 3 * 20; ) got = (await data.listDataSets())[0]!.published!.got;
  await context.jobs.cancelJob({ id });
  await until('cancelled');
  const [left] = await data.listDataSets();
  expect(left!.here).toBe(false);
  expect(left!.published!.got).toBeGreaterThan(0);
  gate = undefined;
  await data.fetchData({ name: 'small' });
  await until('done');
  expect((await data.listDataSets())[0]!.here).toBe(true);
  holding.resolve();
});

test('a server that isn’t there is told by its address', async () => {
  await new Promise((done) => server.close(done));
  await data.fetchData({ name: 'small' });
  const { error } = await until('failed');
  expect(error).toMatchObject({
    code: 'not-found',
    message: expect.stringContaining(`${address}train-images`),
  });
  server.listen(0, '127.0.0.1');
});

test('what comes with the lab is neither fetched nor taken away', async () => {
  const own = createDataService(context);
  const listed = await own.listDataSets();
  expect(listed.find(({ name }) => name === 'signs')).toMatchObject({ origin: 'built-in', here: true });
  expect(listed.find(({ name }) => name === 'cifar-10')).toMatchObject({ origin: 'published', here: false });
  await expect(own.fetchData({ name: 'signs' })).rejects.toThrow("no published data set 'signs'");
  await expect(own.removeData({ name: 'mnist' })).rejects.toThrow("no published data set 'mnist'");
});
