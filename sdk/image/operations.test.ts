import { expect, test } from 'vitest';
import { seeded } from '../random.ts';
import { gaussianBlurOf } from './blur.ts';
import { type InkSettings, inkOf } from './ink.ts';
import { mosaicOf } from './mosaic.ts';
import { chain, clip01, type Operation, pointwise, straightThrough } from './operation.ts';
import { sharpenOf } from './sharpen.ts';
import { decodeSrgb, encodeTone, lightOf } from './srgb.ts';
import { applyTaps, motionTaps, tapsOf } from './taps.ts';
import { inverted, projected, type Reading, warpOf } from './warp.ts';

const [width, height] = [9, 7];
const plane = { width, height, channels: 3 };
const random = seeded('operations');
const draw = (count: number, low: number, high: number) =>
  Float32Array.from({ length: count }, () => random.uniform(low, high));
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

const inks: InkSettings = {
  dotGain: 0.1,
  paper: [0.9, 0.88, 0.86],
  inks: {
    cyan: [0.05, 0.3, 0.6],
    magenta: [0.6, 0.05, 0.2],
    yellow: [0.8, 0.7, 0.06],
    red: [0.5, 0.06, 0.04],
    green: [0.06, 0.25, 0.08],
    blue: [0.04, 0.05, 0.25],
    black: [0.03, 0.03, 0.03],
  },
};
const turned: Reading = {
  toSource: [0.8, 0.1, 1, -0.05, 0.9, 0.4, 0.004, -0.006, 1],
  width: 6,
  height: 8,
  samples: 2,
  between: 'bilinear',
};
const printed: Reading = { ...turned, samples: 3, between: 'nearest', outside: [0.9, 0.8, 0.7] };

const operations: Record<string, Operation> = {
  'sRGB to light': decodeSrgb,
  "a camera's curve": encodeTone(0.3),
  'a wide blur': gaussianBlurOf(plane, 2.2),
  'a narrow blur': gaussianBlurOf(plane, 0.4),
  motion: tapsOf(plane, motionTaps(4.3, 25)),
  'motion farther than the picture is wide': tapsOf(plane, motionTaps(30, 10)),
  ink: inkOf(inks),
  'one colour a pixel': mosaicOf(width, height),
  sharpening: sharpenOf(width, height, 0.7),
  'a projective map': warpOf(plane, turned),
  'a print of squares': warpOf(plane, printed),
  gains: pointwise(
    3,
    (value, c) => value * (c + 1),
    (_, c) => c + 1,
  ),
};
operations['all in a row'] = chain(
  inkOf(inks),
  gaussianBlurOf(plane, 0.8),
  mosaicOf(width, height),
  clip01,
  encodeTone(0.2),
  sharpenOf(width, height, 0.5),
  warpOf(plane, turned),
);

test.each(Object.keys(operations))('%s: what is pulled back is the slope', (name) => {
  const operation = operations[name]!;
  const input = draw(width * height * 3, 0.15, 0.85);
  const before = input.slice();
  const passed = operation(input);
  const cotangent = draw(passed.values.length, -1, 1);
  const back = passed.pullback(cotangent);
  expect(back.length).toBe(input.length);
  for (let trial = 0; trial < 5; trial++) {
    const direction = draw(input.length, -1, 1);
    const step = 1e-3;
    const at = (sign: number) =>
      operation(input.map((value, i) => value + sign * step * direction[i]!)).values;
    const [up, down] = [at(1), at(-1)];
    const slope = dot(
      cotangent,
      up.map((value, i) => (value - down[i]!) / (2 * step)),
    );
    const scale = Math.sqrt((dot(back, back) * dot(direction, direction)) / input.length);
    expect(Math.abs(slope - dot(back, direction))).toBeLessThan(0.02 * scale + 2e-3);
  }
  expect(input).toEqual(before);
});

test('what has no slope passes cotangents on, what is cut off stops them', () => {
  const input = Float32Array.of(-0.5, 0.25, 1.5);
  const rounded = straightThrough((values) => values.fill(7))(input);
  expect([...rounded.values]).toEqual([7, 7, 7]);
  expect([...rounded.pullback(Float32Array.of(1, 2, 3))]).toEqual([1, 2, 3]);
  const cut = clip01(input);
  expect([...cut.values]).toEqual([0, 0.25, 1]);
  expect([...cut.pullback(Float32Array.of(1, 2, 3))]).toEqual([0, 2, 0]);
});

test('motion is a mean along its line: even pictures stay, its length is that asked for', () => {
  for (const [length, direction] of [
    [5, 0],
    [3.5, 90],
    [8, -30],
  ] as const) {
    const taps = motionTaps(length, direction);
    const total = (of: (tap: (typeof taps)[number]) => number) =>
      taps.reduce((sum, tap) => sum + tap.weight * of(tap), 0);
    expect(total(() => 1)).toBeCloseTo(1, 6);
    expect([total(({ x }) => x), total(({ y }) => y)].every((mean) => Math.abs(mean) < 1e-6)).toBe(true);
    const [dx, dy] = [Math.cos((direction * Math.PI) / 180), Math.sin((direction * Math.PI) / 180)];
    const spread = Math.sqrt(12 * total(({ x, y }) => (x * dx + y * dy) ** 2));
    expect(Math.abs(spread - length)).toBeLessThan(0.35 * length);
  }
  const even = new Float32Array(width * height * 3).fill(0.4);
  for (const value of applyTaps(even, plane, motionTaps(6, 40))) expect(value).toBeCloseTo(0.4, 6);
});

test('ink: white is paper, black is all inks, the rest lies between as asked, darker by the dot gain', () => {
  const exact: InkSettings = { ...inks, dotGain: 0 };
  const print = (settings: InkSettings, rgb: number[]) => [...inkOf(settings)(Float32Array.from(rgb)).values];
  const close = (seen: number[], wanted: readonly number[], digits: number) =>
    seen.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, digits);
    });
  close(print(inks, [1, 1, 1]), inks.paper, 3);
  close(print(inks, [0, 0, 0]), inks.inks.black, 3);
  // Colours that the inks reach come out relative to paper and black; these two lie on nodes of the table.
  for (const rgb of [
    [0.75, 0.75, 0.75],
    [0.5, 0.5, 0.5],
    [0.75, 0.625, 0.5],
  ]) {
    const wanted = rgb.map(
      (value, k) => inks.inks.black[k]! + lightOf(value) * (inks.paper[k]! - inks.inks.black[k]!),
    );
    close(print(exact, rgb), wanted, 2);
    for (const [k, value] of print(inks, rgb).entries())
      expect(value).toBeLessThan(print(exact, rgb)[k]! - 0.005);
  }
  // Beyond the gamut: as red as the inks are, no redder.
  const red = print(exact, [1, 0, 0]);
  expect(red[0]).toBeGreaterThan(3 * red[1]!);
  expect(red[0]).toBeLessThan(inks.paper[0] + 1e-3);
});

test('one colour a pixel loses nothing of an even or evenly rising grey', () => {
  const ramp = new Float32Array(width * height * 3);
  for (let i = 0; i < ramp.length; i++) {
    const pixel = Math.floor(i / 3);
    ramp[i] = 0.1 + 0.03 * (pixel % width) + 0.05 * Math.floor(pixel / width);
  }
  const seen = mosaicOf(width, height)(ramp).values;
  for (let y = 2; y < height - 2; y++) {
    for (let x = 2; x < width - 2; x++) {
      for (let c = 0; c < 3; c++) {
        const at = (y * width + x) * 3 + c;
        expect(seen[at]).toBeCloseTo(ramp[at]!, 5);
      }
    }
  }
});

test('a picture read at its own pixels is itself; one made half as large is the mean of four', () => {
  const input = draw(width * height * 3, 0, 1);
  const own: Reading = {
    toSource: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    width,
    height,
    samples: 1,
    between: 'bilinear',
  };
  expect(warpOf(plane, own)(input).values).toEqual(input);
  const half: Reading = {
    ...own,
    toSource: [2, 0, 0, 0, 2, 0, 0, 0, 1],
    width: 4,
    height: 3,
    samples: 2,
    between: 'nearest',
  };
  const small = warpOf(plane, half)(input).values;
  const at = (x: number, y: number) => input[(y * width + x) * 3 + 1]!;
  expect(small[(2 * 4 + 3) * 3 + 1]).toBeCloseTo((at(6, 4) + at(7, 4) + at(6, 5) + at(7, 5)) / 4, 6);
  const beside = { ...half, toSource: [2, 0, -100, 0, 2, 0, 0, 0, 1], outside: [0.1, 0.2, 0.3] } as const;
  expect(warpOf(plane, beside)(input).values[1]).toBeCloseTo(0.2, 6);
});

test('a projective map and its inverse', () => {
  const map = [0.8, 0.1, 1, -0.05, 0.9, 0.4, 0.004, -0.006, 1] as const;
  const [x, y] = projected(map, 3, 5);
  const back = projected(inverted(map), x, y);
  expect(back[0]).toBeCloseTo(3, 9);
  expect(back[1]).toBeCloseTo(5, 9);
});
