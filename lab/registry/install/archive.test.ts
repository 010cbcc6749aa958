import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readArchive } from './archive.ts';
import { installLimits } from './limits.ts';
import { makeArchive, paxRecord, type TestEntry } from './testing.ts';

const limits = { ...installLimits, bytes: 1 << 20, files: 50 };
const read = (bytes: Uint8Array) => readArchive(bytes, 'x.tgz', limits);

test('files come out by their paths, long names included', async () => {
  const long = `package/${'folder/'.repeat(14)}file.js`;
  const files = await read(
    makeArchive([
      { path: 'package/', type: '5' },
      { path: 'package/index.js', content: 'one' },
      { path: 'ignored', type: 'g', content: paxRecord('comment', 'where it came from') },
      { path: 'ignored', type: 'x', content: paxRecord('path', long) },
      { path: 'package/short', content: 'two' },
    ]),
  );
  const texts = files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]);
  expect(texts).toEqual([
    ['index.js', 'one'],
    [long.slice('package/'.length), 'two'],
  ]);
});

const file = (path: string): TestEntry => ({ path, content: 'x' });

test.each<[string, TestEntry[], RegExp]>([
  ['a path that leads out', [file('package/../../evil')], /leads out of its folder/],
  ['a path that leads out of the archive', [file('../evil')], /leads out/],
  ['an absolute path', [file('/etc/evil')], /not within its folder/],
  ['a path of Windows', [file('package/..\\..\\evil')], /characters that a file name may not have/],
  ["a drive's path", [file('package/c:evil')], /characters that a file name may not have/],
  ['an empty folder name', [file('package//evil')], /not a plain path/],
  ['a device of Windows', [file('package/aux.js')], /no file name on some systems/],
  ['a name that ends with a dot', [file('package/evil.')], /no file name on some systems/],
  ['a file outside a folder', [file('evil')], /not within/],
  [
    'a long name that leads out',
    [{ path: 'x', type: 'x', content: paxRecord('path', 'package/../../evil') }, file('package/ok')],
    /leads out/,
  ],
  ['a symbolic link', [{ path: 'package/link', type: '2', link: '/etc/passwd' }], /is a symbolic link/],
  [
    'a symbolic link to write through',
    [{ path: 'package/out', type: '2', link: '..' }, file('package/out/evil')],
    /is a symbolic link/,
  ],
  ['a hard link', [{ path: 'package/link', type: '1', link: 'package/index.js' }], /is a hard link/],
  ['a device', [{ path: 'package/null', type: '3' }], /neither a file nor a folder/],
  [
    'two names for one file',
    [file('package/Index.js'), file('package/index.js')],
    /are one file on some systems/,
  ],
  ['a size beyond its end', [{ path: 'package/a', content: 'x', size: 5000 }], /damaged/],
  [
    'a size below zero',
    [{ path: 'x', type: 'x', content: paxRecord('size', '-512') }, file('package/a')],
    /damaged/,
  ],
  ['too many files', Array.from({ length: 51 }, (_, i) => file(`package/${i}`)), /more than 50 files/],
  ['a path too deep', [file(`package/${'a/'.repeat(30)}b`)], /deeper than 24 folders/],
])('an archive with %s is refused', async (_, entries, message) => {
  await expect(read(makeArchive(entries))).rejects.toMatchObject({
    code: 'bad-plugin',
    message: expect.stringMatching(message),
  });
});

test('a bomb is refused before it is unpacked, and so is what is no archive', async () => {
  const bomb = gzipSync(Buffer.alloc(8 << 20));
  expect(bomb.length).toBeLessThan(100_000);
  await expect(read(bomb)).rejects.toThrow('x.tgz: larger than 1 MiB unpacked');
  await expect(read(Buffer.from('PK'))).rejects.toThrow('not a packed archive');
  await expect(read(gzipSync('no tar archive '.repeat(100)))).rejects.toThrow('not a tar archive');
  await expect(readArchive(bomb, 'x.tgz', { ...limits, archiveBytes: 1000 })).rejects.toThrow('as it comes');
});

test('the packed examples hold what their folders hold', async () => {
  const folder = fileURLToPath(new URL('../../../fixtures/plugins/', import.meta.url));
  const packed = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  expect(packed).toHaveLength(2);
  for (const name of packed) {
    const source = name.replace(/^halftone-(attack|defense)-/, '').replace(/-\d.*$/, '');
    const files = await readArchive(await readFile(join(folder, name)), name, installLimits);
    expect(files.map(({ path }) => path).sort()).toEqual(['README.md', 'index.ts', 'package.json']);
    for (const { path, bytes } of files) {
      expect(Buffer.from(bytes).toString()).toBe(await readFile(join(folder, source, path), 'utf8'));
    }
  }
});
