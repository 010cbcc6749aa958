import { expect, test } from 'vitest';
import type { CellImage } from '../../lab/vision/sheet/geometry.ts';
import { layOut } from '../../lab/vision/sheet/layout.ts';
import { sheetSettingsSchema } from '../../lab/vision/sheet/settings.ts';
import { oneRowFor } from './one-row.ts';

/** Two images in some versions. */
function images(versions: number): CellImage[] {
  return [0, 1].flatMap((source) =>
    Array.from({ length: versions }, (_, i) => {
      const variant = i === 0 ? 'clean' : `attack-${i}`;
      return { file: `${variant}/${source}.png`, width: 64, height: 64, source, label: 0, variant };
    }),
  );
}
const settings = sheetSettingsSchema.parse({});

test('the largest size that brings the versions of an image side by side is found', () => {
  expect(oneRowFor(images(4), settings)).toBeUndefined();
  const found = oneRowFor(images(5), settings)!;
  expect(found.versions).toBe(5);
  const rows = (imageSize: number) => {
    const [sheet] = layOut(images(5), 'row', { ...settings, imageSize });
    return new Set(sheet!.cells.filter(({ image }) => image.source === 0).map(({ y }) => y)).size;
  };
  expect(rows(found.imageSize)).toBe(1);
  expect(rows(found.imageSize + 1)).toBe(2);
});

test('nothing is said where no size helps, or where versions need not stand together', () => {
  expect(oneRowFor(images(5), { ...settings, columns: 3 })).toBeUndefined();
  expect(oneRowFor(images(5), { ...settings, arrangement: 'grid' })).toBeUndefined();
  expect(oneRowFor(images(40), settings)).toBeUndefined();
  expect(oneRowFor([], settings)).toBeUndefined();
});
