import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { choose, type DataSet, findSet } from '../lab/data/sets/index.ts';
import { measureAccuracy } from '../lab/experiments/accuracy.ts';
import { loadCard } from '../lab/runtime/card.ts';
import { openClassifier } from '../lab/runtime/classifier.ts';
import { readRecipe } from '../lab/training/recipe.ts';

/** The models that ship: whole, small, said truly. The full accuracy is what `halftone models eval` is for. */

const folder = fileURLToPath(new URL('../models/', import.meta.url));
const files = (await readdir(folder)).filter((file) => file.endsWith('.onnx'));

/** Enough to tell a model that works from one that doesn't. */
const COUNT = 40;

/** Opened once each: signs are drawn. */
const sets = new Map<string, Promise<DataSet>>();

function openSet(name: string): Promise<DataSet> {
  const set = sets.get(name) ?? findSet(name).open('');
  sets.set(name, set);
  return set;
}

describe.each(files)('%s', (file) => {
  const path = join(folder, file);

  it('is below 4 MB, as its card says it is, and has its recipe', async () => {
    const bytes = await readFile(path);
    expect(bytes.length).toBeLessThan(4e6);
    const card = await loadCard(path);
    const { training, licence, source } = card!;
    expect(training!.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(licence).toBeDefined();
    expect(source).toBeDefined();
    const recipe = await readRecipe(join(folder, 'recipes', `${training!.recipe}.yaml`));
    expect(recipe).toMatchObject({ name: card!.name, data: training!.data, seed: training!.seed });
  });

  it('classifies images and has gradients', async () => {
    const classifier = await openClassifier(path, { providers: ['cpu'] });
    try {
      const set = await openSet(classifier.card.training!.data);
      const source = choose(set, { split: 'test', count: COUNT });
      const { top1 } = await measureAccuracy({ classifier, source, batch: COUNT });
      expect(top1.share).toBeGreaterThan(0.9);
      const images = await source.read(0, 4);
      const { gradients } = await classifier.gradient({
        images,
        labels: source.labels.slice(0, 4),
        loss: { kind: 'cross-entropy' },
      });
      expect(gradients.every(Number.isFinite)).toBe(true);
      expect(gradients.some((value) => value !== 0)).toBe(true);
    } finally {
      await classifier.close();
    }
  });
});
