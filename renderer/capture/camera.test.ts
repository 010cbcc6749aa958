import { describe, expect, it } from 'vitest';
import { problemOf, unplugged } from './camera-problems.ts';
import { constraintsFor, resolutionKey, resolutionOf, resolutionsUpTo } from './resolutions.ts';

function refusal(name: string): Error {
  return Object.assign(new Error('as the browser says it'), { name });
}

describe('what a camera is asked for', () => {
  it('is its highest resolution where none is chosen, of any camera where none is', () => {
    const { video } = constraintsFor(undefined, undefined) as { video: Record<string, { ideal?: number }> };
    expect(video.width!.ideal).toBeGreaterThan(7680);
    expect(video).not.toHaveProperty('deviceId');
  });

  it('is exactly what was chosen, neither cropped nor scaled', () => {
    expect(constraintsFor('cam', { width: 3840, height: 2160 }).video).toEqual({
      deviceId: { exact: 'cam' },
      width: { exact: 3840 },
      height: { exact: 2160 },
      resizeMode: { ideal: 'none' },
    });
  });

  it('offers what the camera reaches to, its own highest first', () => {
    expect(resolutionsUpTo({ width: 1920, height: 1080 }).map(resolutionKey)).toEqual([
      '1920x1080',
      '1280x720',
      '640x480',
    ]);
    expect(resolutionsUpTo({ width: 2304, height: 1536 }).map(resolutionKey)[0]).toBe('2304x1536');
    expect(resolutionsUpTo(undefined).map(resolutionKey)).toContain('3840x2160');
    expect(resolutionOf('3840x2160')).toEqual({ width: 3840, height: 2160 });
    expect(resolutionOf('')).toBeUndefined();
  });
});

describe('a camera that gives no picture', () => {
  it.each([
    ['NotAllowedError', 'refused'],
    ['NotFoundError', 'none'],
    ['NotReadableError', 'busy'],
    ['OverconstrainedError', 'resolution'],
    ['Error', 'other'],
  ] as const)('has its words and its way back: %s', (name, kind) => {
    const problem = problemOf(refusal(name), 'Desk cam', false);
    expect(problem).toMatchObject({ kind });
    expect(problem.action).toBeTruthy();
    expect(problem.text.length).toBeGreaterThan(5);
  });

  it('is named where it is known', () => {
    expect(problemOf(refusal('NotReadableError'), 'Desk cam', false).title).toContain('Desk cam');
    expect(unplugged('Desk cam').title).toContain('Desk cam');
  });

  it('is allowed in another place on the desktop than in a browser', () => {
    const words = (desktop: boolean) => problemOf(refusal('NotAllowedError'), undefined, desktop).text;
    expect(words(true)).toMatch(/system/);
    expect(words(false)).toMatch(/address bar/);
  });
});
