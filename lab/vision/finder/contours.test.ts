import { seeded } from '@halftone/sdk';
import { expect, test } from 'vitest';
import { loadOpenCv, withMats } from '../opencv.ts';
import { findContours } from './contours.ts';

test('outer contours are those that OpenCV finds', async () => {
  const cv = await loadOpenCv();
  const [width, height] = [61, 47];
  const random = seeded('contours');
  for (const share of [0.15, 0.5, 0.8]) {
    const dark = Uint8Array.from({ length: width * height }, () => (random.uniform() < share ? 255 : 0));
    const theirs = withMats((keep) => {
      const picture = keep(new cv.Mat(height, width, cv.CV_8UC1));
      picture.data.set(dark);
      // OpenCV too takes the rim for outside, but only where it is.
      for (let x = 0; x < width; x++) for (const y of [0, height - 1]) picture.data[y * width + x] = 0;
      for (let y = 0; y < height; y++) for (const x of [0, width - 1]) picture.data[y * width + x] = 0;
      const [contours, hierarchy] = [keep(new cv.MatVector()), keep(new cv.Mat())];
      cv.findContours(picture, contours, hierarchy, cv.RETR_LIST, cv.CHAIN_APPROX_NONE);
      return Array.from({ length: contours.size() }, (_, i) =>
        boxAndArea([...keep(contours.get(i)).data32S]),
      );
    });
    const ours = findContours(dark, width, height, 0, 100).map((contour) => boxAndArea(contour));
    // Round holes, and round what has no area, nobody needs them.
    const isOuter = (one: string) => one.includes(': -');
    expect(ours.filter(isOuter).sort()).toEqual(theirs.filter(isOuter).sort());
  }
});

/** What a contour is known by, whichever of its points it begins with. */
function boxAndArea(points: readonly number[]): string {
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  let area = 0;
  xs.forEach((x, i) => {
    const k = (i + 1) % xs.length;
    area += x * ys[k]! - xs[k]! * ys[i]!;
  });
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return `${Math.max(...xs) - left + 1}×${Math.max(...ys) - top + 1} at ${left},${top}: ${area}`;
}
