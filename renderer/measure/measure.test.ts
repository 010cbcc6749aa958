import { expect, test } from 'vitest';
import type { CaptureRecord, CropRecord, ModelOutcomes } from '../../lab/api.ts';
import { imagesOfCell, measureColumns, succeeds } from './cells.ts';
import { curvesOf } from './charts.ts';
import { isUsed, measuredCrops, nextDecision } from './crops.ts';
import { galleryOf } from './filter.ts';

const verdict = (rank: number) => ({ predicted: 0, confidence: 0.9, rank });

function outcome(source: number, file: number, photos: readonly number[]) {
  const seen = photos.map((rank, i) => ({ capture: `shot-${i}`, verdict: verdict(rank) }));
  return { source, label: source, file: verdict(file), photos: seen };
}

/** Image 0 is fooled and comes out right in its second photograph; 1 stands; 2 is wrong when clean. */
const model: ModelOutcomes = {
  model: 'net',
  source: true,
  clean: { variant: 'clean', images: [outcome(0, 0, [0, 3]), outcome(1, 0, [0]), outcome(2, 7, [0])] },
  adversarial: [{ variant: 'bim', images: [outcome(0, 4, [1, 0]), outcome(1, 0, [0]), outcome(2, 2, [2])] }],
};

function capture(i: number, sources: readonly number[], given: Partial<CaptureRecord> = {}): CaptureRecord {
  const crops = sources.flatMap((source) =>
    ['bim', 'clean'].map((variant): CropRecord => {
      return { file: `crops/${i}/${source}-${variant}.png`, variant, source, label: source, reasons: [] };
    }),
  );
  const file = `captures/shot-${i}.png`;
  return { name: `shot-${i}`, file, origin: 'webcam', grades: {}, reasons: [], crops, ...given };
}

const captures = [capture(0, [0, 1, 2]), capture(1, [0]), capture(2, [1], { reasons: ['blurred'] })];
const crops = measuredCrops(captures, model);

test('crops come image by image, the clean one first, with what the model made of them', () => {
  expect(crops.slice(0, 4).map(({ key, crop }) => [key, crop?.verdict?.rank])).toEqual([
    ['crops/0/0-clean.png', 0],
    ['crops/1/0-clean.png', 3],
    ['crops/0/0-bim.png', 1],
    ['crops/1/0-bim.png', 0],
  ]);
  const poor = crops.filter(({ crop }) => !crop!.used);
  expect(poor.map(({ crop }) => [crop!.capture.name, crop!.reasons, crop!.verdict])).toEqual([
    ['shot-2', ['blurred'], undefined],
    ['shot-2', ['blurred'], undefined],
  ]);
});

test('a cell has the images that its rate counts, and its successes', () => {
  const counts = measureColumns.map((column) => {
    const images = imagesOfCell({ variant: 'bim', column: column.key }, model, crops);
    return [column.key, images.filter((image) => succeeds(column, image)).length, images.length];
  });
  expect(counts).toEqual([
    ['photo-clean-1', 3, 4],
    ['photo-clean-5', 4, 4],
    ['photo-adversarial-1', 2, 4],
    ['photo-adversarial-5', 4, 4],
    ['file-clean-1', 2, 3],
    ['file-clean-5', 2, 3],
    ['file-adversarial-1', 1, 3],
    ['file-adversarial-5', 3, 3],
    // Image 0 alone: right when clean, wrong when adversarial.
    ['destruction', 1, 2],
  ]);
  expect(imagesOfCell({ variant: 'none', column: 'destruction' }, model, crops)).toEqual([]);
});

test('the gallery shows what is asked for', () => {
  const keys = (filter: Parameters<typeof galleryOf>[0]) =>
    galleryOf(filter, model, crops).map(({ key }) => key);
  expect(keys({ show: 'all' })).toHaveLength(crops.length);
  expect(keys({ show: 'poor' })).toEqual(['crops/2/1-clean.png', 'crops/2/1-bim.png']);
  expect(keys({ show: 'out', variant: 'bim' })).toEqual(['crops/2/1-bim.png']);
  // What was left out is neither right nor wrong.
  expect(keys({ show: 'wrong', variant: 'clean' })).toEqual(['crops/1/0-clean.png']);
  const cell = { variant: 'bim', column: 'destruction' };
  expect(keys({ show: 'right', cell })).toEqual(['crops/1/0-bim.png']);
});

test('one key leaves out and puts back, and takes back what was decided', () => {
  const fine = capture(0, [0]);
  const poor = capture(1, [0], { reasons: ['blurred'] });
  const [crop] = fine.crops as [CropRecord];
  expect(nextDecision(fine, crop)).toBe('excluded');
  expect(nextDecision(fine, { ...crop, decision: 'excluded' })).toBeNull();
  expect(nextDecision(poor, crop)).toBe('included');
  expect(nextDecision(poor, { ...crop, decision: 'included' })).toBeNull();
  // Its photograph is left out as a whole: it alone is put back.
  expect(nextDecision({ ...fine, decision: 'excluded' }, crop)).toBe('included');
  expect(isUsed({ ...fine, decision: 'excluded' }, { ...crop, decision: 'included' })).toBe(true);
});

test('rows of one attack at several strengths make a curve', () => {
  const none = { successes: 0, n: 0, share: 0, low: 0, high: 1 };
  const rate = (share: number) => ({ successes: 10 * share, n: 10, share, low: 0, high: 1 });
  const row = (variant: string, share: number) => ({
    variant,
    model: 'net',
    images: 10,
    file: { clean: { top1: none, top5: none }, adversarial: { top1: rate(share), top5: none } },
    photo: { clean: { top1: none, top5: none }, adversarial: { top1: none, top5: none } },
    photoFooled: none,
    destruction: none,
    destructionTop5: none,
  });
  const variant = (key: string, title: string, epsilon?: number) => ({
    ...{ key, title, attack: key, done: 10, queries: 0, gradients: 0, broken: 0, seconds: 0 },
    ...(epsilon === undefined ? {} : { epsilon }),
  });
  const variants = [
    variant('a', 'bim, epsilon 8/255, steps 5', 8 / 255),
    variant('b', 'bim, epsilon 16/255, steps 5', 16 / 255),
    variant('c', 'deepfool'),
  ];
  const curves = curvesOf([row('a', 0.5), row('b', 0.2), row('c', 0)], variants);
  expect(curves.map(({ attack, points }) => [attack, points.map(({ source }) => source.share)])).toEqual([
    ['bim, steps 5', [0.5, 0.2]],
  ]);
});
