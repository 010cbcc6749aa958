/** A column of `DataTable`. */
export interface Column<Row> {
  /** Unique; names its slot, `cell-<key>`. */
  readonly key: string;
  readonly title: string;
  /** What stands in the cell without a slot, and what a CSV gets. */
  readonly text?: (row: Row) => string;
  /** Makes the column sortable. */
  readonly sort?: (row: Row) => number | string;
  readonly align?: 'left' | 'right';
  /** On hover over the head. */
  readonly help?: string;
  /** Wraps where others are cut. */
  readonly wide?: boolean;
}

export interface Sorting {
  readonly key: string;
  readonly down: boolean;
}

/** The rows in the order of a column; in their own where it has none. Ties keep their order. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  by: Sorting | undefined,
): readonly Row[] {
  const value = columns.find(({ key }) => key === by?.key)?.sort;
  if (by === undefined || value === undefined) return rows;
  const sign = by.down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [one, two] = [value(a), value(b)];
    if (typeof one === 'number' && typeof two === 'number') return sign * (one - two);
    return sign * String(one).localeCompare(String(two), 'en', { numeric: true });
  });
}
