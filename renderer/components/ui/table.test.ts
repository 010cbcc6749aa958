import { expect, test } from 'vitest';
import { type Column, sorted } from './table.ts';

interface Row {
  name: string;
  size: number;
}

const columns: Column<Row>[] = [
  { key: 'name', title: '', sort: ({ name }) => name },
  { key: 'size', title: '', sort: ({ size }) => size },
  { key: 'note', title: '' },
];
const rows = [
  { name: 'run 10', size: 2 },
  { name: 'run 9', size: 10 },
  { name: 'Run 1', size: 2 },
];
const names = (by: Parameters<typeof sorted>[2]) => sorted(rows, columns, by).map(({ name }) => name);

test('rows sort by a column, numbers in words by their size; ties keep their order', () => {
  expect(names({ key: 'name', down: false })).toEqual(['Run 1', 'run 9', 'run 10']);
  expect(names({ key: 'size', down: true })).toEqual(['run 9', 'run 10', 'Run 1']);
  expect(names({ key: 'note', down: true })).toEqual(rows.map(({ name }) => name));
  expect(names(undefined)).toEqual(rows.map(({ name }) => name));
});
