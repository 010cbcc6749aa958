import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeModel } from './graph/index.ts';
import { createLab, type Lab } from './lab.ts';
import { meanColourModel, SCALE } from './testing.ts';

let folder: string;
let dataDir: string;
let lab: Lab;
const model = writeModel(meanColourModel());

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-lab-'));
  dataDir = join(folder, 'data');
  lab = createLab({ dataDir });
});
afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a lab', () => {
  it('says what it is, and makes no folder before it keeps something', async () => {
    expect(await lab.about()).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/), dataDir });
    await lab.listModels();
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps a model and classifies with it', async () => {
    const added = await lab.addModel({ name: 'mean.onnx', bytes: model });
    expect(await lab.listModels()).toContainEqual(added);
    const colour = { r: 255, g: 51, b: 0 };
    const picture = sharp({ create: { width: 24, height: 16, channels: 3, background: colour } });
    const answer = await lab.classify({
      model: added.id,
      image: await picture.png().toBuffer(),
      name: 'red.png',
    });
    const shares = [1, 0.2, 0].map((mean) => Math.exp(SCALE * mean));
    const sum = shares.reduce((a, b) => a + b);
    expect(answer).toMatchObject({ classes: 3, height: 8, width: 8, provider: expect.stringMatching(/./) });
    expect(answer.top.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const [i, { confidence }] of answer.top.entries())
      expect(confidence).toBeCloseTo(shares[i]! / sum, 5);
  });

  it('refuses a damaged model and keeps nothing of it', async () => {
    const bytes = model.subarray(0, 40);
    await expect(lab.addModel({ name: 'damaged.onnx', bytes })).rejects.toMatchObject({ name: 'GraphError' });
    expect((await lab.listModels()).map(({ file }) => file)).not.toContain('damaged.onnx');
  });

  it('refuses a model that it does not have and an image that is none', async () => {
    const image = new Uint8Array([1, 2, 3]);
    const missing = lab.classify({ model: 'added/no.onnx', image, name: 'a.png' });
    await expect(missing).rejects.toMatchObject({ code: 'not-found' });
    const { id } = await lab.addModel({ name: 'again.onnx', bytes: model });
    const broken = lab.classify({ model: id, image, name: 'a.png' });
    await expect(broken).rejects.toMatchObject({
      code: 'bad-image',
      message: expect.stringContaining('a.png'),
    });
  });
});
