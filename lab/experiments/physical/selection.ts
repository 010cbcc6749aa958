import type { Run } from '../../runs/folder.ts';
import { imagePath } from '../../runs/folder.ts';
import { within } from '../verdict.ts';
import { readSources } from './examples.ts';
import type { Materials, StageOptions } from './materials.ts';
import { sourceModel } from './run-models.ts';
import { askModel } from './verdicts.ts';

/** Which source images are printed for each attack, by the attack's key; ascending. */
export type Selection = ReadonlyMap<string, readonly number[]>;

/**
 * The images of a run that go to paper: all of them (average case), or those where the model has the clean image
 * right and the adversarial one wrong, both with at least the confidence asked for (prefiltered).
 * Kurakin et al. 2017, section 3.1. All images must be made.
 */
export async function selectImages(
  run: Run,
  materials: Materials,
  options: StageOptions = {},
): Promise<Selection> {
  const { recipe, variants } = run.record;
  const sources = (await readSources(run))?.images ?? [];
  const all = sources.map((_, i) => i);
  if (recipe.selection === 'average') return new Map(variants.map(({ key }) => [key, all]));
  const { prefiltered } = recipe.selection;
  const ask = (variant: string) => {
    const asked = sources.map(({ label }, i) => ({ file: imagePath(variant, i), label }));
    return askModel(run, sourceModel(run.record), materials, asked, options);
  };
  const clean = await ask('clean');
  const selection = new Map<string, readonly number[]>();
  for (const { key } of variants) {
    const adversarial = await ask(key);
    const chosen = all.filter((i) => {
      const [before, after] = [clean[i]!, adversarial[i]!];
      const sure = Math.min(before.confidence, after.confidence) >= prefiltered;
      return sure && within(before, 1) && !within(after, 1);
    });
    selection.set(key, chosen);
  }
  return selection;
}
