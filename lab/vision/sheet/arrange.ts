import type { CellImage } from './geometry.ts';
import type { SheetSettings } from './settings.ts';

/** An image in its slot of a page. */
export interface Placed {
  readonly image: CellImage;
  readonly column: number;
  readonly row: number;
}

/** Images on pages of `columns` × `rows` slots, as the arrangement says (see `sheetSettingsSchema`). */
export function arrange(
  images: readonly CellImage[],
  columns: number,
  rows: number,
  arrangement: SheetSettings['arrangement'],
): Placed[][] {
  const groups = arrangement === 'grid' ? images.map((image) => [image]) : bySource(images);
  const pages: Placed[][] = [];
  const perPage = columns * rows;
  let slot = 0;
  for (const group of groups) {
    slot = startOf(group.length, slot, columns, perPage);
    for (const image of group) {
      const page = Math.floor(slot / perPage);
      pages[page] ??= [];
      pages[page].push({ image, column: slot % columns, row: Math.floor((slot % perPage) / columns) });
      slot += 1;
    }
  }
  return pages;
}

/** The next slot at which a group may begin: its row or its page is not broken where it need not be. */
function startOf(length: number, slot: number, columns: number, perPage: number): number {
  const broken = (extent: number) => length <= extent && (slot % extent) + length > extent;
  const after = (extent: number) => Math.ceil(slot / extent) * extent;
  if (broken(perPage)) return after(perPage);
  if (length > columns && slot % columns !== 0) return startOf(length, after(columns), columns, perPage);
  if (broken(columns)) return startOf(length, after(columns), columns, perPage);
  return slot;
}

/** Groups of one source each, in the order in which the sources first come. */
function bySource(images: readonly CellImage[]): CellImage[][] {
  const groups = new Map<number, CellImage[]>();
  for (const image of images) {
    const group = groups.get(image.source);
    if (group === undefined) groups.set(image.source, [image]);
    else group.push(image);
  }
  return [...groups.values()];
}
