import type { ModelOutcomes } from '../../lab/api.ts';
import { columnOf, imagesOfCell, type MeasureCell, succeeds } from './cells.ts';
import type { MeasuredImage } from './crops.ts';

/** Which of the photographs are shown. */
export type Show = 'all' | 'right' | 'wrong' | 'poor' | 'out';

export const showNames: Readonly<Record<Show, string>> = {
  all: 'All',
  right: 'Right',
  wrong: 'Wrong',
  poor: 'Poor',
  out: 'Left out',
};

export interface GalleryFilter {
  /** The images of a cell of the table alone. */
  readonly cell?: MeasureCell | undefined;
  /** An attack's key or `clean`; all without it. */
  readonly variant?: string | undefined;
  readonly show: Show;
}

/** The images of the gallery: those that a filter lets through, in their order. */
export function galleryOf(
  { cell, variant, show }: GalleryFilter,
  model: ModelOutcomes | undefined,
  crops: readonly MeasuredImage[],
): readonly MeasuredImage[] {
  const column = cell === undefined ? undefined : columnOf(cell.column);
  const all = cell && model ? imagesOfCell(cell, model, crops) : crops;
  const some = cell || variant === undefined ? all : all.filter((image) => image.variant === variant);
  return some.filter((image) => {
    if (show === 'all') return true;
    if (show === 'poor') return (image.crop?.reasons.length ?? 0) > 0;
    if (show === 'out') return image.crop?.used === false;
    const verdict = column === undefined ? image.crop?.verdict : undefined;
    const right =
      column === undefined ? verdict !== undefined && verdict.rank === 0 : succeeds(column, image);
    if (column === undefined && verdict === undefined) return false;
    return right === (show === 'right');
  });
}
