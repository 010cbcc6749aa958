import { describe, expect, it } from 'vitest';
import type { DataSetListed, Job } from '../../lab/api.ts';
import { bytesToFetch, fileOf, hostsOf, stateWords } from './sets.ts';

const published = {
  home: 'https://example.org',
  files: [
    { url: 'http://files.example.org/a/train.gz', md5: '00', bytes: 1000 },
    { url: 'http://files.example.org/a/test.gz', md5: '11', bytes: 500 },
  ],
  got: 0,
};
const set: DataSetListed = { name: 'a', summary: 'A', origin: 'published', here: false, published };

describe('a data set', () => {
  it('says where it stands', () => {
    const job = { state: 'running', done: 1, total: 4 } as Job;
    expect(stateWords(set, undefined)).toBe('to fetch');
    expect(stateWords(set, job)).toBe('fetching, 25.0% of a file');
    expect(stateWords(set, { ...job, total: 0 })).toBe('fetching');
    expect(stateWords({ ...set, published: { ...published, got: 9 } }, { ...job, state: 'failed' })).toBe(
      'begun',
    );
    expect(stateWords({ ...set, here: true }, undefined)).toBe('here');
    expect(stateWords({ ...set, origin: 'built-in', here: true }, undefined)).toBe('comes with Halftone');
  });

  it('says what would be fetched, and from where', () => {
    expect(bytesToFetch(published)).toBe(1500);
    expect(bytesToFetch({ ...published, got: 600 })).toBe(900);
    expect(bytesToFetch({ ...published, files: [{ url: 'http://a/b', md5: '00' }] })).toBeUndefined();
    expect(hostsOf(published)).toEqual(['files.example.org']);
    expect(fileOf(published.files[0]!.url)).toBe('train.gz');
  });
});
