import { describe, expect, it } from 'vitest';
import { takeToken } from './connection/token.ts';
import { fileSize, percent, wordsOf, zoomInto, zoomWords } from './words.ts';

describe('numbers as people read them', () => {
  it('percentages have one decimal', () => {
    expect([0, 0.3642, 1].map(percent)).toEqual(['0.0%', '36.4%', '100.0%']);
  });

  it('sizes have their unit', () => {
    expect([0, 512, 999, 1000, 4_950_000, 999_960, 2e9, 5e12].map(fileSize)).toEqual([
      '0 B',
      '512 B',
      '999 B',
      '1.0 kB',
      '5.0 MB',
      '1.0 MB',
      '2.0 GB',
      '5000.0 GB',
    ]);
  });

  it('errors have their own words', () => {
    expect(wordsOf(new Error('no'))).toBe('no');
    expect(wordsOf('no')).toBe('no');
  });
});

describe('the zoom of an image', () => {
  it('is a whole number for what fits, and says so', () => {
    expect(zoomInto(320, 28, 28)).toBe(11);
    expect(zoomWords(11)).toBe('shown ×11');
    expect(zoomInto(320, 320, 10)).toBe(1);
    expect(zoomWords(1)).toBe('');
  });

  it('is a share for what is too large, and says so', () => {
    expect(zoomInto(320, 500, 356)).toBe(0.64);
    expect(zoomWords(0.64)).toBe('shown at 64%');
  });
});

describe('the link’s token', () => {
  function page(hash: string, kept: string | null = null) {
    let stored = kept;
    let address = hash;
    const storage = {
      getItem: () => stored,
      setItem: (_: string, value: string) => {
        stored = value;
      },
    };
    const history = {
      replaceState: () => {
        address = '';
      },
    };
    const token = takeToken({ hash, pathname: '/' }, storage, history);
    return { token, kept: stored, address };
  }

  it('is kept for the tab and taken out of the address', () => {
    expect(page('#token=aB-_9')).toEqual({ token: 'aB-_9', kept: 'aB-_9', address: '' });
  });

  it('comes back at a reload; a new link replaces it', () => {
    expect(page('#/models', 'old').token).toBe('old');
    expect(page('#token=new', 'old').kept).toBe('new');
  });

  it('is missing without the link', () => {
    expect(page('#token=').token).toBeNull();
  });
});
