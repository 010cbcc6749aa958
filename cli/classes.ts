import { HalftoneError } from '@halftone/sdk';
import type { ClassEntry } from '../lab/data/classes.ts';

/** The class names as they are, or none; refuses a list that isn't as long as the model's output. */
export function checkClasses(
  classes: readonly ClassEntry[] | undefined,
  count: number,
): readonly ClassEntry[] | undefined {
  if (classes === undefined || classes.length === count) return classes;
  throw new HalftoneError('bad-argument', `the list has ${classes.length} classes, the model has ${count}`);
}
