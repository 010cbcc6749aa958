import { HalftoneError } from './errors.ts';
import type { DerivedDefault } from './parameters.ts';
import type { StepNorm } from './steps.ts';

/** The radius of an L∞ ball, as the attacks offer it that keep to one. */
export const epsilonParameter = {
  type: 'number',
  unit: 'intensity',
  min: 0,
  max: 1,
  default: 8 / 255,
  help: 'Largest change of any value (L∞). Larger fools more and shows more.',
} as const;

/** L∞ or L2, as the attacks offer it that keep to either. */
export const normParameter = {
  type: 'choice',
  choices: ['linf', 'l2'],
  default: 'linf',
  help: 'What ε bounds: the largest change of any value (linf) or the Euclidean length of the change (l2).',
} as const;

/** A default that the parameter `norm` decides. */
export function defaultByNorm(rule: string, linf: Rule, l2: Rule): DerivedDefault {
  return { rule, from: (values) => (values.norm === 'l2' ? l2 : linf)(values) };
}

type Rule = DerivedDefault['from'];

/** The radius of the ball of the norm that the parameter `norm` names; see `checkRadius`. */
export const radiusParameter = {
  type: 'number',
  unit: 'intensity',
  min: 0,
  max: 1000,
  default: defaultByNorm(
    '8/255; for L2 1',
    () => 8 / 255,
    () => 1,
  ),
  help: 'Radius of the ball: largest change of any value (L∞) or length of the change (L2).',
} as const;

/** Refuses an L∞ radius above 1, which no image needs: someone who writes 8 means 8/255. Throws `bad-argument`. */
export function checkRadius(norm: StepNorm, epsilon: number): void {
  if (norm === 'l2' || epsilon <= 1) return;
  const hint = Number.isInteger(epsilon) ? `; for ${epsilon} levels of 255 write ${epsilon}/255` : '';
  throw new HalftoneError('bad-argument', `epsilon=${epsilon} is outside 0 to 1 under L∞${hint}`);
}
