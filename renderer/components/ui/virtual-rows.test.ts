import { describe, expect, it } from 'vitest';
import { placesOf, scrollTo } from './virtual-rows.ts';

describe('rows of a long list', () => {
  const window = { step: 100, height: 350 };
  const inSight = (top: number, count = 1000) => placesOf({ ...window, top, count });

  it('are drawn where they are in sight, and some around', () => {
    expect(inSight(0)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(inSight(5_050).toSorted((a, b) => a - b)).toEqual([49, 50, 51, 52, 53, 54, 55]);
    expect(
      inSight(99_650)
        .toSorted((a, b) => a - b)
        .at(-1),
    ).toBe(999);
    expect(inSight(0, 3)).toEqual([0, 1, 2]);
    expect(inSight(0, 0)).toEqual([]);
    expect(placesOf({ step: 100, top: 0, height: 0, count: 5 })).toEqual([]);
  });

  it('keep their element while they are in sight', () => {
    for (let top = 0; top < 3_000; top += 70) {
      const [before, after] = [inSight(top), inSight(top + 70)];
      expect(after).toHaveLength(before.length);
      for (const row of after.filter((each) => before.includes(each))) {
        expect(after.indexOf(row)).toBe(before.indexOf(row));
      }
    }
  });

  it('are scrolled to no further than needed', () => {
    const sight = { ...window, top: 1_000 };
    expect(scrollTo(5, sight)).toBe(500);
    expect(scrollTo(11, sight)).toBe(1_000);
    expect(scrollTo(20, sight)).toBe(1_750);
  });
});
