/** Files that leave the application. */

/** How long a download may take to begin. */
const KEEP_MS = 60_000;

/** Hands a file to the person: the browser's download, the desktop's 'save as'. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name.replaceAll(/[\\/:*?"<>|]+/g, '-');
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}

/** Bytes as they came over the line, to a file of this type. */
export function saveBytes(bytes: Uint8Array, name: string, type: string): void {
  saveFile(new Blob([bytes.slice()], { type }), name);
}

/** A table, its head first, as a CSV file of this name. */
export function saveCsv(rows: readonly (readonly (string | number | null)[])[], name: string): void {
  saveFile(new Blob([csvText(rows)], { type: 'text/csv' }), `${name}.csv`);
}

/** Rows as CSV (RFC 4180). Text that a spreadsheet would take for a formula is led by an apostrophe. */
export function csvText(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

function csvField(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
