import { type Proportion, proportion } from '../metrics.ts';
import { type Verdict, within } from '../verdict.ts';

/** What one target made of the examples of one source and one attack. */
export interface TransferCell {
  readonly source: string;
  readonly variant: string;
  readonly target: string;
  /** Adversarial images that the target has wrong, of those that it has right when clean. */
  readonly fooled: Proportion;
  /** The same, of the images that fooled the source too: how much of an attack that worked carries over. */
  readonly fooledOfSource: Proportion;
}

/** Both verdicts of one model on one image. */
export interface BeforeAndAfter {
  readonly clean: Verdict;
  readonly adversarial: Verdict;
}

/** A cell of the matrix. `own` are the source's verdicts on the same images, in the same order. */
export function transferCell(
  names: Pick<TransferCell, 'source' | 'variant' | 'target'>,
  seen: readonly BeforeAndAfter[],
  own: readonly BeforeAndAfter[],
): TransferCell {
  const right = seen.map(({ clean }) => within(clean, 1));
  const wrong = seen.map(({ adversarial }) => !within(adversarial, 1));
  const worked = own.map((pair) => within(pair.clean, 1) && !within(pair.adversarial, 1));
  const share = (counts: (image: number) => boolean) => {
    const chosen = [...seen.keys()].filter((image) => right[image] === true && counts(image));
    return proportion(chosen.filter((image) => wrong[image]).length, chosen.length);
  };
  return {
    ...names,
    fooled: share(() => true),
    fooledOfSource: share((image) => worked[image] === true),
  };
}
