import { describe, expect, it } from 'vitest';
import { dropped, looked, openShutter, type Shutter, type Sight, took } from './shutter.ts';

const frame = { width: 1280, height: 720 };

/** A sheet whose corners are shifted by some pixels. */
function sight(time: number, given: Partial<Sight> & { at?: number } = {}): Sight {
  const { at = 0, ...rest } = given;
  const corners = [
    [400, 100],
    [800, 110],
    [790, 650],
    [390, 640],
  ] as const;
  const outline = corners.map(([x, y]) => ({ x: x + at, y }));
  return { sheet: 1, outline, movement: 0.4, good: true, ...frame, time, ...rest };
}

/** Looks every 33 ms, each with what `at` says of it; stops at the first shot. */
function watch(
  start: Shutter,
  from: number,
  looks: number,
  at: (i: number) => Partial<Sight> & { at?: number } = () => ({}),
  isWanted: (sheet: number) => boolean = () => true,
) {
  let shutter = start;
  for (let i = 0; i < looks; i++) {
    const seen = sight(from + 33 * i, at(i));
    shutter = looked(shutter, seen, isWanted);
    if (shutter.wait === undefined) return { shutter: took(shutter, seen), took: true, looks: i + 1 };
  }
  return { shutter, took: false, looks };
}

describe('the shutter', () => {
  it('takes a sheet that is good and held still for a while, and no sooner', () => {
    const { took: taken, looks } = watch(openShutter, 0, 60, (i) => ({ movement: i === 0 ? null : 0.5 }));
    expect(taken).toBe(true);
    expect(33 * (looks - 1)).toBeGreaterThanOrEqual(300);
    expect(33 * (looks - 1)).toBeLessThan(500);
  });

  it('waits while a corner moves, and begins anew after each movement', () => {
    expect(watch(openShutter, 0, 60, () => ({ movement: 6 })).shutter.wait).toBe('steady');
    const jolts = watch(openShutter, 0, 60, (i) => ({ movement: i % 6 === 0 ? 8 : 0.3 }));
    expect(jolts.took).toBe(false);
  });

  it('measures speed, not pixels a look: a slow worker sees larger steps of the same hand', () => {
    const slow = [0, 150, 300, 450, 600, 750, 900].map((time) =>
      sight(time, { movement: time === 0 ? null : 4 }),
    );
    const shutter = slow.reduce(
      (before, seen) => (before.wait === undefined ? before : looked(before, seen, () => true)),
      openShutter,
    );
    expect(shutter.wait).toBeUndefined();
  });

  it('does not take what is poor, however still', () => {
    expect(watch(openShutter, 0, 60, () => ({ good: false })).shutter.wait).toBe('quality');
  });

  it('takes a sheet again only from another side', () => {
    const first = watch(openShutter, 0, 60);
    expect(first.took).toBe(true);
    const same = watch(first.shutter, 2000, 60, () => ({ at: 9 }));
    expect(same.took).toBe(false);
    expect(same.shutter.wait).toBe('pose');
    const other = watch(same.shutter, 5000, 60, () => ({ at: 80 }));
    expect(other.took).toBe(true);
    expect(watch(other.shutter, 8000, 60).shutter.wait).toBe('pose');
  });

  it('takes a pose again once its shot was dropped', () => {
    const first = watch(openShutter, 0, 60);
    expect(watch(dropped(first.shutter, 1), 2000, 60).took).toBe(true);
  });

  it('takes another sheet in the same place', () => {
    const first = watch(openShutter, 0, 60);
    const next = watch(first.shutter, 2000, 60, (i) => ({
      sheet: 2,
      movement: i === 0 ? Number.POSITIVE_INFINITY : 0.5,
    }));
    expect(next.took).toBe(true);
  });

  it('leaves a sheet alone that has its views', () => {
    const done = watch(
      openShutter,
      0,
      60,
      () => ({}),
      (sheet) => sheet !== 1,
    );
    expect(done.shutter.wait).toBe('enough');
  });

  it('begins anew when the sheet was lost', () => {
    const lost = watch(openShutter, 0, 60, (i) =>
      i % 5 === 4 ? { sheet: undefined, movement: null, outline: [] } : {},
    );
    expect(lost.took).toBe(false);
    expect(looked(openShutter, sight(0, { sheet: undefined }), () => true).wait).toBe('sheet');
  });
});
