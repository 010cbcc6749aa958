import { describe, expect, it } from 'vitest';
import { takeToken } from './connection/token.ts';
import { csvText } from './files.ts';
import { jobWords } from './jobs.ts';
import { duration, fileSize, percent, rankWords, rateWords, wordsOf, zoomInto, zoomWords } from './words.ts';

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

  it('rates come with their count and interval', () => {
    expect(rateWords({ share: 0.3627, n: 102, low: 0.276, high: 0.461 })).toBe('36.3% ±9.3 (37/102)');
    expect(rateWords({ share: 0, n: 0, low: 0, high: 1 })).toBe('–');
  });

  it('times are rough, places are ordinal', () => {
    expect([0.4, 8.2, 59.7, 200, 3600, 7500].map(duration)).toEqual([
      '<1 s',
      '8 s',
      '1 min',
      '3 min',
      '1 h',
      '2 h 5 min',
    ]);
    expect([0, 1, 2, 3, 10, 12, 20, 111].map(rankWords)).toEqual([
      '1st',
      '2nd',
      '3rd',
      '4th',
      '11th',
      '13th',
      '21st',
      '112th',
    ]);
  });

  it('a job says how far it is', () => {
    const job = { id: '', kind: 'run', subject: '', title: '', started: '', done: 12, total: 20 } as const;
    const running = { ...job, state: 'running', what: 'fgsm', secondsLeft: 8 } as const;
    expect(jobWords(running)).toBe('fgsm · 12 of 20 · 8 s left');
    expect(jobWords({ ...job, state: 'running', total: 0 })).toBe('Starting');
    expect(jobWords({ ...running, state: 'cancelled' })).toBe('Cancelled; what is done is kept');
  });

  it('a table’s text is no formula to a spreadsheet', () => {
    expect(csvText([['=1+1', 'a "b", c', 3, null]])).toBe('\'=1+1,"a ""b"", c",3,\r\n');
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
