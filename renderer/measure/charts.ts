import type { RunDetail } from '../../lab/api.ts';
import type { AttackCurve, RateBar } from '../charts/options.ts';
import type { MeasureRow } from './cells.ts';

type Variants = RunDetail['variants'];

/** What a row is called without its strength: rows of one curve share it. */
export function curveName(title: string): string {
  return title.replace(/, (epsilon|eps) [^,]+/i, '');
}

/** Accuracy over ε, a curve an attack; attacks without a radius are left out. */
export function curvesOf(rows: readonly MeasureRow[], variants: Variants): AttackCurve[] {
  const curves = new Map<string, AttackCurve['points'][number][]>();
  for (const row of rows) {
    const variant = variants.find(({ key }) => key === row.variant);
    if (variant?.epsilon === undefined) continue;
    const name = curveName(variant.title);
    const point = {
      epsilon: variant.epsilon,
      source: row.file.adversarial.top1,
      photograph: row.photo.adversarial.top1,
    };
    curves.set(name, [...(curves.get(name) ?? []), point]);
  }
  return [...curves].map(([attack, points]) => ({ attack, points }));
}

/** Destruction, a bar an attack and strength; those of one curve share a hue with `curvesOf`. */
export function barsOf(rows: readonly MeasureRow[], variants: Variants): RateBar[] {
  return rows.map((row) => {
    const title = variants.find(({ key }) => key === row.variant)?.title ?? row.variant;
    return {
      name: title.replace('epsilon ', 'ε ').replaceAll(', ', '\n'),
      attack: curveName(title),
      rate: row.destruction,
    };
  });
}
