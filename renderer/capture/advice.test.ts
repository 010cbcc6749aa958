import { describe, expect, it } from 'vitest';
import { advise, type Scene } from './advice.ts';
import type { CaptureGrade, Look, NoSheetReason } from './testing.ts';
import { goodGrade, lookAt, lookWithout } from './testing.ts';

function scene(look: Look, given: Partial<Scene> = {}): Scene {
  return {
    look,
    width: 1280,
    height: 720,
    wait: 'steady',
    auto: true,
    moving: false,
    views: 0,
    wanted: 3,
    missing: [1, 2],
    ...given,
  };
}

const textOf = (look: Look, given: Partial<Scene> = {}) => advise(scene(look, given)).text;
const graded = (grade: Partial<CaptureGrade>) => lookAt({ ...goodGrade, faults: ['poor'], ...grade });

describe('the line that says what to change', () => {
  it('asks for a sheet, by number where few are missing', () => {
    const nothing = lookWithout('none');
    expect(textOf(nothing, { missing: [2] })).toBe('Show sheet 2 to the camera');
    expect(textOf(nothing, { missing: [1, 2, 5] })).toBe('Show sheet 1, 2 or 5 to the camera');
    expect(textOf(nothing, { missing: [1, 2, 3, 4, 5, 6] })).toBe('Show any of 6 sheets to the camera');
  });

  it('says where a sheet is cut off, as the person sees it', () => {
    const outline = [
      { x: 900, y: 100 },
      { x: 1400, y: 100 },
      { x: 1400, y: 600 },
      { x: 900, y: 600 },
    ];
    const half = lookWithout('half', outline);
    expect(textOf(half)).toBe('The sheet is cut off on the right');
    expect(textOf(half, { mirrored: true })).toBe('The sheet is cut off on the left');
  });

  it('asks for the sheet that is to be retaken, and for no other', () => {
    const retake = { retake: 2, missing: [2] };
    expect(textOf(lookWithout('none'), retake)).toBe('Show sheet 2 to the camera');
    expect(textOf(lookAt(goodGrade), { ...retake, wait: 'enough' })).toBe('This is sheet 1: show sheet 2');
    expect(textOf(lookAt(goodGrade), { retake: 1, missing: [1] })).toBe('Hold still');
  });

  it('names every other reason why no sheet can be used', () => {
    const reasons: NoSheetReason[] = ['half', 'two', 'foreign', 'mirrored'];
    for (const reason of reasons) expect(textOf(lookWithout(reason)).length).toBeGreaterThan(10);
    expect(advise(scene(lookWithout('two'))).tone).toBe('fix');
  });

  it('says the worst of what is poor', () => {
    expect(textOf(graded({ dpi: 31 }))).toMatch(/^Closer: 31 dpi/);
    expect(textOf(graded({ angle: 62 }))).toMatch(/^Straighter/);
    expect(textOf(graded({ clipped: 0.4 }))).toMatch(/^Less light/);
    expect(textOf(graded({ paperLevel: 60 }))).toMatch(/^More light/);
    expect(textOf(graded({ dpi: 31, clipped: 0.4 }))).toMatch(/^Closer/);
  });

  it('tells blur by movement from blur by focus', () => {
    const blurred = graded({ edgeWidth: 9 });
    expect(textOf(blurred, { moving: true })).toMatch(/^Hold still/);
    expect(textOf(blurred)).toMatch(/^Out of focus/);
  });

  it('says where the glare is', () => {
    const crops = goodGrade.crops.map((crop) => (crop.index === 1 ? { ...crop, glare: 0.3 } : crop));
    expect(textOf(graded({ crops }))).toBe('Less glare on the right');
    expect(textOf(graded({ crops }), { mirrored: true })).toBe('Less glare on the left');
  });

  it('says what comes next where nothing is wrong', () => {
    const good = lookAt(goodGrade);
    expect(advise(scene(good))).toEqual({ text: 'Hold still', tone: 'wait' });
    expect(textOf(good, { auto: false })).toMatch(/Space/);
    expect(textOf(good, { wait: 'pose', views: 1 })).toBe(
      'View 1 of 3 is taken: tilt or move the sheet for the next',
    );
    expect(textOf(good, { wait: 'enough', missing: [2] })).toBe('Sheet 1 has its views: show sheet 2');
    expect(textOf(good, { wait: 'enough', missing: [] })).toMatch(/Measure/);
  });
});
