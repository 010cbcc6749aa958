import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder, int } from '../graph/builder.ts';
import { emptyGraph } from '../graph/copy.ts';
import { floats } from '../graph/evaluate/testing/case.ts';
import { writeModelFile } from '../graph/index.ts';
import type { Dim, Graph } from '../graph/ir.ts';
import { openClassifier } from './classifier.ts';
import type { Classifier, ImageBatch } from './classifier-types.ts';
import { softmaxRows } from './scores.ts';

/** Classifiers from files: pre-processing in the graph, batches, losses, refusals. */

let folder: string;
const opened: Classifier[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'classifier-'));
});
afterAll(async () => {
  await Promise.all(opened.map((classifier) => classifier.close()));
  await rm(folder, { recursive: true });
});

const SIZE = { height: 3, width: 4, channels: 3 };
const PIXELS = 36;
const CLASSES = 5;

interface Options {
  readonly batch?: Dim;
  readonly layout?: 'nchw' | 'nhwc';
  readonly softmax?: boolean;
}

/** A dense layer on the flattened input: weights (input in its own order)×classes. */
function linear({ batch = 'N', layout = 'nchw', softmax = false }: Options): Graph {
  const graph = emptyGraph('linear');
  const b = new GraphBuilder(graph, 'net');
  const shape = layout === 'nchw' ? [batch, 3, 3, 4] : [batch, 3, 4, 3];
  const x = b.input('x', { dtype: 'float32', shape });
  const flat =
    typeof batch === 'number'
      ? b.add('Reshape', [x, b.longs([batch, PIXELS])])
      : b.add('Flatten', [x], { axis: int(1) });
  let y = b.add('Gemm', [flat, b.constant(floats(PIXELS, CLASSES), 'weights')]);
  if (softmax) y = b.add('Softmax', [y], { axis: int(-1) });
  graph.outputs = [{ name: y, ...b.type(y) }];
  return graph;
}

async function open(name: string, graph: Graph, card?: object): Promise<Classifier> {
  const path = join(folder, `${name}.onnx`);
  await writeModelFile(path, graph);
  if (card) await writeFile(`${path}.json`, JSON.stringify(card));
  const classifier = await openClassifier(path, { providers: ['cpu'], threads: 1 });
  opened.push(classifier);
  return classifier;
}

function images(count: number): ImageBatch {
  const data = Float32Array.from({ length: count * PIXELS }, (_, i) => 0.5 + 0.5 * Math.sin(i * 0.7));
  return { data, count, ...SIZE };
}

/** Index of an image's value in the model's own flattened input. */
function ownIndex(layout: 'nchw' | 'nhwc', order: readonly number[], pixel: number, channel: number): number {
  const own = order[channel]!;
  return layout === 'nchw' ? own * 12 + pixel : pixel * 3 + own;
}

/** Logits worked out by hand from the weights and a card's pre-processing. */
function byHand(
  batch: ImageBatch,
  layout: 'nchw' | 'nhwc',
  order: readonly number[],
  scale: (v: number, own: number) => number,
) {
  const weights = floats(PIXELS, CLASSES).data;
  const result = new Float64Array(batch.count * CLASSES);
  batch.data.forEach((value, i) => {
    const image = Math.floor(i / PIXELS);
    const pixel = Math.floor((i % PIXELS) / 3);
    const own = ownIndex(layout, order, pixel, i % 3);
    for (let k = 0; k < CLASSES; k += 1) {
      result[image * CLASSES + k]! += scale(value, order[i % 3]!) * Number(weights[own * CLASSES + k]);
    }
  });
  return result;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 3): void {
  expect(actual.length).toBe(expected.length);
  Array.from(expected).forEach((value, i) => {
    expect(actual[i], `element ${i}`).toBeCloseTo(value, digits);
  });
}

describe('openClassifier', () => {
  it('takes a plain file as it is', async () => {
    const classifier = await open('plain', linear({}));
    expect(classifier.input).toEqual(SIZE);
    expect(classifier.classes).toBe(CLASSES);
    expectClose(
      await classifier.logits(images(2)),
      byHand(images(2), 'nchw', [0, 1, 2], (v) => v),
    );
  });

  it('puts the card before the graph: order, range, mean and deviation', async () => {
    const mean = [100, 110, 120];
    const std = [50, 60, 70];
    const card = { input: { layout: 'nhwc', channels: 'bgr', range: [0, 255], mean, std } };
    const classifier = await open('carded', linear({ layout: 'nhwc' }), card);
    const scale = (v: number, own: number) => (v * 255 - mean[own]!) / std[own]!;
    expectClose(await classifier.logits(images(3)), byHand(images(3), 'nhwc', [2, 1, 0], scale));
    // The gradient is at the images, through the pre-processing: a unit step in one pixel moves the loss by it.
    const request = { labels: Int32Array.of(1), loss: { kind: 'logit-difference' } } as const;
    const { gradients, losses } = await classifier.gradient({ images: images(1), ...request });
    const moved = images(1);
    moved.data[17]! += 0.01;
    const after = await classifier.gradient({ images: moved, ...request });
    expect(after.losses[0]! - losses[0]!).toBeCloseTo(gradients[17]! * 0.01, 3);
  });

  it('takes the logits before a final softmax', async () => {
    const logits = await (await open('soft', linear({ softmax: true }))).logits(images(2));
    expectClose(
      logits,
      byHand(images(2), 'nchw', [0, 1, 2], (v) => v),
    );
  });

  it('turns other probabilities into logits by their logarithm, where the card says so', async () => {
    const graph = linear({ softmax: true });
    const b = new GraphBuilder(graph, 'tail');
    const y = b.add('Mul', [graph.outputs[0]!.name, b.scalar(1)]);
    graph.outputs = [{ name: y, ...b.type(y) }];
    const classifier = await open('probable', graph, { output: 'probabilities' });
    const expected = softmaxRows(Float32Array.from(byHand(images(2), 'nchw', [0, 1, 2], (v) => v)), CLASSES);
    expectClose((await classifier.logits(images(2))).map(Math.exp), expected);
  });

  it('runs a file with a fixed batch at any number of images, with the same result', async () => {
    const free = await open('free', linear({}));
    const fixed = await open('fixed', linear({ batch: 2 }));
    const request = {
      images: images(5),
      labels: Int32Array.of(0, 1, 2, 3, 4),
      loss: { kind: 'cross-entropy' },
    } as const;
    const [one, two] = [await free.gradient(request), await fixed.gradient(request)];
    expectClose(two.logits, one.logits);
    expectClose(two.losses, one.losses);
    expectClose(two.gradients, one.gradients);
    const mean = await fixed.gradient({ ...request, reduction: 'mean' });
    expectClose(
      mean.gradients,
      one.gradients.map((g) => g / 5),
    );
  });

  it('follows a loss stated as a cotangent', async () => {
    const classifier = await open('cotangent', linear({}));
    const cotangent = Float32Array.of(1, 0, -2, 0, 0.5);
    const { gradients } = await classifier.gradient({
      images: images(1),
      labels: Int32Array.of(0),
      loss: { kind: 'cotangent' },
      cotangent,
    });
    const weights = floats(PIXELS, CLASSES).data;
    const slope = (own: number) =>
      cotangent.reduce((sum, c, k) => sum + c * Number(weights[own * CLASSES + k]), 0);
    const expected = Array.from({ length: PIXELS }, (_, i) =>
      slope(ownIndex('nchw', [0, 1, 2], Math.floor(i / 3), i % 3)),
    );
    expectClose(gradients, expected);
  });

  it('refuses bad questions in one line', async () => {
    const classifier = await open('strict', linear({}));
    const nan = images(2);
    nan.data[PIXELS + 3] = Number.NaN;
    const ask = (over: object) =>
      classifier.gradient({
        images: images(2),
        labels: Int32Array.of(0, 1),
        loss: { kind: 'cross-entropy' },
        ...over,
      });
    await expect(ask({ images: nan })).rejects.toThrow('image 1 has a value that is NaN');
    await expect(ask({ labels: Int32Array.of(0, 5) })).rejects.toThrow(
      /label 5 of image 1 is outside 0 to 4/,
    );
    await expect(ask({ labels: Int32Array.of(0) })).rejects.toThrow(/1 labels? for 2 images/);
    await expect(ask({ images: { ...images(2), height: 4, width: 3 } })).rejects.toThrow(
      /4×3×3.*takes 3×4×3/,
    );
    await expect(ask({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('refuses files that are no image classifiers, saying why', async () => {
    const two = linear({});
    two.inputs.push({ name: 'z', dtype: 'float32', shape: [1] });
    await expect(open('two', two)).rejects.toThrow(/one input, the images; this graph has 'x', 'z'/);
    const sized = linear({});
    sized.inputs = [{ name: 'x', dtype: 'float32', shape: ['N', 3, 'H', 'W'] }];
    await expect(open('sized', sized)).rejects.toThrow(
      /images of any height; give a card that fixes input.height/,
    );
    await expect(open('other-size', linear({}), { input: { height: 5 } })).rejects.toThrow(
      /height is 5, the model's is 3/,
    );
  });
});
