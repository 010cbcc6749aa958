import * as tfModule from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { registerGradients } from './gradients.ts';
import type { TensorFlow } from './plugin.ts';

const tf = ((tfModule as { default?: TensorFlow }).default ?? tfModule) as TensorFlow;
beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
  registerGradients(tf);
});

// No two alike, none at a kink, all above 0.
const x = Float32Array.of(0.3, 1.2, 2.1, 0.7, 1.7, 0.9);
const other = () => tf.tensor2d([1.5, 0.4, 1.1, 0.8, 2.2, 0.6], [2, 3]);
const row = () => tf.tensor1d([0.5, 1.4, 2.3]);

const functions: Record<string, (x: Tensor2D) => Tensor> = {
  abs: (x) => tf.abs(tf.sub(x, 1)),
  'add, broadcast': (x) => tf.mul(tf.add(tf.sum(x, 0), other()), tf.add(x, tf.sum(x))),
  clip: (x) => tf.clipByValue(x, 0.5, 1.5),
  concat: (x) => tf.square(tf.concat([x, tf.exp(x)], 1)),
  'div both ways': (x) => tf.add(tf.div(x, other()), tf.div(row(), x)),
  'exp, log, log1p': (x) => tf.add(tf.exp(tf.log(x)), tf.log1p(x)),
  'expand, squeeze': (x) => tf.square(tf.squeeze(tf.expandDims(x, 0))),
  'log-softmax': (x) => tf.mul(tf.logSoftmax(x), other()),
  softmax: (x) => tf.mul(tf.softmax(x), other()),
  'log-sum-exp': (x) => tf.logSumExp(x, 1),
  'max, min': (x) => tf.add(tf.max(x, 1), tf.min(x, 1)),
  'max of all, kept': (x) => tf.mul(tf.max(x, undefined, true), other()),
  'maximum, minimum': (x) => tf.mul(tf.maximum(x, other()), tf.minimum(row(), x)),
  'mean, sum': (x) => tf.mul(tf.mean(tf.square(x), 1, true), tf.sum(x, -1, true)),
  'matrix products': (x) =>
    tf.matMul(tf.matMul(x, x, false, true), tf.matMul(x, tf.transpose(x)), true, false),
  pad: (x) =>
    tf.square(
      tf.pad(x, [
        [1, 0],
        [0, 2],
      ]),
    ),
  'rational powers': (x) => tf.add(tf.sqrt(x), tf.mul(tf.rsqrt(x), tf.reciprocal(x))),
  'relu, sigmoid, tanh, softplus': (x) =>
    tf.mul(tf.relu(tf.sub(x, 1)), tf.add(tf.sigmoid(x), tf.mul(tf.tanh(x), tf.softplus(x)))),
  slice: (x) => tf.square(tf.slice(x, [0, 1], [2, 2])),
  'sin, cos': (x) => tf.mul(tf.sin(x), tf.cos(x)),
  'squared difference': (x) => tf.squaredDifference(tf.squaredDifference(other(), x), row()),
  where: (x) => tf.where(tf.greater(x, 1), tf.square(x), tf.neg(x)),
  'what jumps': (x) => tf.mul(x, tf.add(tf.round(x), tf.add(tf.floor(x), tf.sign(tf.sub(x, 1))))),
};

test.each(Object.keys(functions))('%s has the slope that small steps find', (name) => {
  const scalar = (values: Float32Array): Tensor => tf.sum(functions[name]!(tf.tensor2d(values, [2, 3])));
  const slopes = tf
    .grad((t) => tf.sum(functions[name]!(t as Tensor2D)))(tf.tensor2d(x, [2, 3]))
    .dataSync();
  const step = 1e-2;
  for (let i = 0; i < x.length; i++) {
    const at = (move: number) => scalar(x.map((value, k) => (k === i ? value + move : value))).dataSync()[0]!;
    // Four points: exact for polynomials of degree four.
    const found = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
    expect(Math.abs(slopes[i]! - found)).toBeLessThan(2e-3 * (1 + Math.abs(found)));
  }
});
