import { describe, expect, it } from 'vitest';
import { type Captured, coverageOf, missingWords } from './coverage.ts';
import { twoImages } from './testing.ts';

const sheets = [twoImages(1), twoImages(2)];

/** A photograph of a sheet; the second image's faults are given. */
function capture(given: Partial<Captured> = {}, second: readonly string[] = []): Captured {
  const crop = (source: number, reasons: readonly string[]) => ({
    file: `crops/${source}.png`,
    variant: 'clean',
    source,
    label: 0,
    reasons: [...reasons],
  });
  return { name: 'a', sheet: 1, reasons: [], crops: [crop(0, []), crop(1, second)], ...given };
}

describe('what is missing', () => {
  it('is everything at first', () => {
    const coverage = coverageOf(sheets, [], 2);
    expect(coverage.map(({ cells, views, missing }) => ({ cells, views, missing }))).toEqual([
      { cells: ['missing', 'missing'], views: 0, missing: true },
      { cells: ['missing', 'missing'], views: 0, missing: true },
    ]);
    expect(missingWords(coverage)).toBe('4 of 4 images want more views, on 2 sheets');
  });

  it('asks for as many good crops of every image as views are wanted', () => {
    const one = coverageOf(sheets, [capture(), capture({ name: 'b' }, ['glare'])], 2);
    expect(one[0]).toMatchObject({ views: 2, cells: ['good', 'good'], complete: 1, missing: true });
    const two = coverageOf(sheets, [capture(), capture({ name: 'b' }), capture({ name: 'c', sheet: 2 })], 1);
    expect(two.every(({ missing }) => !missing)).toBe(true);
    expect(missingWords(two)).toBe('Every image has its views');
  });

  it('tells poor from missing, and counts a poor photograph as no view', () => {
    const [first] = coverageOf(sheets, [capture({ reasons: ['too dark'] })], 1);
    expect(first).toMatchObject({ views: 0, cells: ['poor', 'poor'], missing: true });
  });

  it('follows what a person decided, of one crop before of all', () => {
    const [out] = coverageOf(sheets, [capture({ decision: 'excluded' })], 1);
    expect(out!.cells).toEqual(['poor', 'poor']);
    const put = capture({ decision: 'included' }, ['glare']);
    const [back] = coverageOf(
      sheets,
      [
        {
          ...put,
          crops: put.crops.map((crop, i) => (i === 0 ? { ...crop, decision: 'excluded' as const } : crop)),
        },
      ],
      1,
    );
    expect(back!.cells).toEqual(['poor', 'good']);
  });

  it('leaves photographs without a sheet aside', () => {
    const [first] = coverageOf(sheets, [capture({ sheet: undefined, crops: [] })], 1);
    expect(first!.cells).toEqual(['missing', 'missing']);
  });
});
