/**
 * What an attack is after, one entry an image. A value, not a flag: being targeted is a property of it.
 * Labels and targets are class indices.
 */
export type Criterion =
  | { readonly kind: 'untargeted'; readonly labels: Int32Array }
  | { readonly kind: 'targeted'; readonly targets: Int32Array };

/** Success is any class but the label. */
export function untargeted(labels: Int32Array | readonly number[]): Criterion {
  return { kind: 'untargeted', labels: Int32Array.from(labels) };
}

/** Success is the target class. */
export function targeted(targets: Int32Array | readonly number[]): Criterion {
  return { kind: 'targeted', targets: Int32Array.from(targets) };
}

/** The class indices that a criterion is about, one an image. */
export function classesOf(criterion: Criterion): Int32Array {
  return criterion.kind === 'targeted' ? criterion.targets : criterion.labels;
}

/** The criterion of images `start` (included) to `end` (not). */
export function sliceCriterion(criterion: Criterion, start: number, end: number): Criterion {
  return criterion.kind === 'targeted'
    ? { kind: 'targeted', targets: criterion.targets.slice(start, end) }
    : { kind: 'untargeted', labels: criterion.labels.slice(start, end) };
}

/** The criterion of some of the images, by their rows; a row may come more than once. */
export function pickCriterion(criterion: Criterion, rows: readonly number[]): Criterion {
  const picked = Int32Array.from(rows, (row) => classesOf(criterion)[row]!);
  return criterion.kind === 'targeted'
    ? { kind: 'targeted', targets: picked }
    : { kind: 'untargeted', labels: picked };
}

/** Which images have come where the criterion wants them, from the class predicted for each. */
export function satisfied(criterion: Criterion, predicted: Int32Array): boolean[] {
  const wanted = classesOf(criterion);
  return Array.from(predicted, (label, i) => (label === wanted[i]) === (criterion.kind === 'targeted'));
}
