import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultDataDir } from './data-dir.ts';
import { contentSecurityPolicy } from './policy.ts';
import { staticFile } from './static-files.ts';

describe('the file that a path asks for', () => {
  it.each([
    ['/', 'index.html'],
    ['/assets/index-1a.js', 'assets/index-1a.js'],
    ['/a%20b.png', 'a b.png'],
  ])('%s is %s', (path, file) => {
    expect(staticFile('/srv/app', path)).toBe(join('/srv/app', file));
  });

  it.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/..%5csecret.json',
    '/..\\secret.json',
    '/assets/..',
    '//etc/../../secret.json',
    '/.git/config.json',
    '/%',
    '/a%00.js',
    '/C:/secret.json',
    'assets/a.js',
    '/notes.txt',
    '/assets',
  ])('%s asks for none', (path) => {
    expect(staticFile('/srv/app', path)).toBeUndefined();
  });
});

describe('the content policy', () => {
  it('allows no foreign source, no inline script and no evaluation', () => {
    const policy = contentSecurityPolicy(['ws://127.0.0.1:1']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:1");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });
});

describe('the folder of the data', () => {
  it.each([
    ['linux', {}, '/home/a/.local/share/halftone'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/halftone'],
    ['darwin', {}, '/home/a/Library/Application Support/Halftone'],
    ['win32', { LOCALAPPDATA: '/home/a/Local' }, '/home/a/Local/Halftone'],
    ['linux', { HALFTONE_DATA: '/mine' }, '/mine'],
  ] as const)('on %s with %j is %s', (platform, env, expected) => {
    expect(defaultDataDir({ platform, env, home: '/home/a' })).toBe(expected);
  });
});
