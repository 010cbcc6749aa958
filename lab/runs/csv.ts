/** A value of a table. */
export type Cell = string | number | boolean | null;

/**
 * Rows as CSV (RFC 4180): a head line, fields quoted where they must be, lines ended by CRLF. Text that a
 * spreadsheet would take for a formula is led by an apostrophe.
 */
export function toCsv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
