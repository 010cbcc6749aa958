import { distances, seeded, targeted, untargeted } from '@halftone/sdk';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, test } from 'vitest';
import { dlr, targetedDlr } from './apgd/dlr.ts';
import apgd from './apgd/index.ts';
import deepfool from './deepfool/index.ts';
import rubbish from './rubbish/index.ts';
import { modelOf, runOn } from './testing.ts';
import uap from './uap/index.ts';

beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

const input = { height: 8, width: 8, channels: 1 };
const size = 64;
const classes = 5;
const count = 6;
const draw = seeded('boundaries');
const weights = Float32Array.from({ length: size * classes }, () => draw.normal(0, 0.5));
// Far from black and white, so that nothing is clipped on the way.
const start = Float32Array.from({ length: count * size }, () => draw.uniform(0.4, 0.6));

const linear = () => modelOf(tf, { input, weights, classes });

function logitsOf(image: Float32Array): number[] {
  return Array.from({ length: classes }, (_, k) =>
    image.reduce((sum, value, i) => sum + value * weights[i * classes + k]!, 0),
  );
}

const imageAt = (values: Float32Array, index: number) => values.subarray(index * size, (index + 1) * size);
const labelOf = (image: Float32Array) => {
  const z = logitsOf(image);
  return z.indexOf(Math.max(...z));
};
const labels = Array.from({ length: count }, (_, i) => labelOf(imageAt(start, i)));

/** The distance of an image to the nearest hyperplane: |z_y − z_k| / ‖w_y − w_k‖, the dual norm below. */
function distanceOf(image: Float32Array, norm: 'l2' | 'linf'): number {
  const z = logitsOf(image);
  const label = labelOf(image);
  const others = z.map((value, k) => {
    const normal = Array.from(
      { length: size },
      (_, i) => weights[i * classes + label]! - weights[i * classes + k]!,
    );
    const length = norm === 'l2' ? Math.hypot(...normal) : normal.reduce((sum, w) => sum + Math.abs(w), 0);
    return (z[label]! - value) / length;
  });
  return Math.min(...others.filter((_, k) => k !== label));
}

test.each(['l2', 'linf'] as const)(
  'deepfool finds the exact %s distance to the nearest hyperplane',
  async (norm) => {
    const { model, asked } = linear();
    // Image 5 is wrong to begin with.
    const shown = labels.map((label, i) => (i === 5 ? (label + 1) % classes : label));
    const trial = { tf, model, images: start, criterion: untargeted(shown), parameters: { norm } };
    const { result } = await runOn(deepfool, trial);
    const found = distances(norm, result, start, count);
    for (let i = 0; i < 5; i++) {
      // Stretched by the overshoot, and 1e-4 longer.
      expect(found[i]! / 1.02 - 1e-4).toBeCloseTo(distanceOf(imageAt(start, i), norm), 5);
      expect(labelOf(imageAt(result, i))).not.toBe(labels[i]);
    }
    expect(found[5]).toBe(0);
    // A look and the slopes of four rivals, then a look that finds them crossed.
    expect(asked).toMatchObject({ queries: 6 + 5, gradients: 5 * 4 });
  },
);

test('deepfool looks at the likeliest classes alone, and drops images that are done', async () => {
  const curved = modelOf(tf, { input, weights, classes, curved: true });
  const shown = Array.from(await curved.model.labels(tf.tensor4d(start, [count, 8, 8, 1])));
  const trial = { tf, model: curved.model, images: start, criterion: untargeted(shown) };
  await runOn(deepfool, { ...trial, parameters: { candidates: 3 } });
  const steps = curved.asked.calls;
  expect(steps[0]).toBe(count * 2);
  for (let i = 1; i < steps.length; i++) expect(steps[i]!).toBeLessThanOrEqual(steps[i - 1]!);
  expect(steps.at(-1)).toBeLessThan(count * 2);
});

test('apgd fools exactly the images whose boundary is within ε: the robust accuracy of a linear model', async () => {
  const { model } = linear();
  const nearest = labels.map((_, i) => distanceOf(imageAt(start, i), 'linf'));
  const middle = nearest.toSorted((a, b) => a - b);
  // Between the third and the fourth image.
  const epsilon = (middle[2]! + middle[3]!) / 2;
  for (const loss of ['both', 'cross-entropy', 'dlr', 'dlr-targeted']) {
    const trial = {
      tf,
      model,
      images: start,
      criterion: untargeted(labels),
      parameters: { epsilon, loss, steps: 40 },
    };
    const { result } = await runOn(apgd, trial);
    const fooled = labels.map((label, i) => labelOf(imageAt(result, i)) !== label);
    expect(fooled).toEqual(nearest.map((distance) => distance < epsilon));
  }
});

test('apgd asks no more about images that fool, and counts', async () => {
  const { model, asked } = linear();
  // All but the first image are wrong to begin with; the first can't be fooled.
  const shown = labels.map((label, i) => (i === 0 ? label : (label + 1) % classes));
  const parameters = { epsilon: 1e-5, steps: 10, targets: 2, restarts: 2 };
  await runOn(apgd, { tf, model, images: start, criterion: untargeted(shown), parameters });
  // A first look at each; then two starts on the cross-entropy and two on each ratio, of one and ten gradients.
  expect(asked).toMatchObject({ queries: 2 * 2 * 11, gradients: count + 3 * 2 * 11 });
});

test('apgd reaches a target', async () => {
  const { model } = linear();
  const wanted = labels.map((label) => (label + 2) % classes);
  const trial = {
    tf,
    model,
    images: start,
    criterion: targeted(wanted),
    parameters: { epsilon: 0.3, loss: 'dlr' },
  };
  const { result } = await runOn(apgd, trial);
  expect(wanted.map((_, i) => labelOf(imageAt(result, i)))).toEqual(wanted);
});

test('the ratios of logits, by hand and by finite differences', () => {
  const z = Float32Array.of(3, 1, -1, 0.5, 2);
  expect(dlr(z, 0).value).toBeCloseTo(-(3 - 2) / (3 - 1), 6);
  expect(dlr(z, 1).value).toBeCloseTo(-(1 - 3) / (3 - 1), 6);
  expect(targetedDlr(z, 0, 2).value).toBeCloseTo(-(3 + 1) / (3 - (1 + 0.5) / 2), 6);
  // The user's target, with no label to leave: the largest other logit stands behind.
  expect(targetedDlr(z, undefined, 0).value).toBeCloseTo(-(2 - 3) / (3 - 0.75), 6);
  const losses = [
    (x: Float32Array) => dlr(x, 0),
    (x: Float32Array) => dlr(x, 3),
    (x: Float32Array) => targetedDlr(x, 0, 3),
    (x: Float32Array) => targetedDlr(x, 4, 2),
  ];
  for (const loss of losses) {
    for (const [i, slope] of loss(z).slope.entries()) {
      const up = loss(z.map((value, k) => (k === i ? value + 0.01 : value))).value;
      const down = loss(z.map((value, k) => (k === i ? value - 0.01 : value))).value;
      expect(slope).toBeCloseTo((up - down) / 0.02, 3);
    }
  }
});

test('a model with too few classes for the ratio is told so', async () => {
  const { model } = modelOf(tf, { input, weights: weights.slice(0, 3 * size), classes: 3 });
  const trial = { tf, model, images: start, criterion: untargeted([0, 0, 0, 0, 0, 0]) };
  await expect(runOn(apgd, trial)).rejects.toThrow('loss=both needs 4 classes, this model has 3');
});

test('uap lays one perturbation over all images, and fools the share asked for', async () => {
  const { model } = linear();
  // Two classes, so that one direction leads all of one side across.
  const side = labels.map((label) => label === labels[0]);
  const rows = [...side.keys()].filter((i) => side[i]);
  const images = Float32Array.from(rows.flatMap((i) => Array.from(imageAt(start, i))));
  const furthest = Math.max(...rows.map((i) => distanceOf(imageAt(start, i), 'l2')));
  const parameters = { norm: 'l2', epsilon: 3 * furthest, delta: 0 };
  const criterion = untargeted(rows.map(() => labels[0]!));
  const { result } = await runOn(uap, { tf, model, images, criterion, parameters });
  for (const [k] of rows.entries()) {
    expect(labelOf(imageAt(result, k))).not.toBe(labels[0]);
    for (let i = 0; i < size; i++) {
      expect(result[k * size + i]! - images[k * size + i]!).toBeCloseTo(result[i]! - images[i]!, 5);
    }
  }
});

test('rubbish grows from noise alone until the model is sure', async () => {
  const { model } = linear();
  const criterion = targeted(labels.map((label) => (label + 1) % classes));
  const trial = { tf, model, criterion, parameters: { confidence: 0.9, steps: 200 } };
  const { result } = await runOn(rubbish, { ...trial, images: start });
  const { result: others } = await runOn(rubbish, { ...trial, images: start.map((value) => 1 - value) });
  expect(result).toEqual(others);
  for (let i = 0; i < count; i++) {
    const z = logitsOf(imageAt(result, i)).map(Math.exp);
    const target = (labels[i]! + 1) % classes;
    expect(z[target]! / z.reduce((a, b) => a + b)).toBeGreaterThan(0.9);
  }
});
