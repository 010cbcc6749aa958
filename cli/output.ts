/** Prints one JSON document on standard output. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints lines for people on standard output. */
export function printLines(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Columns as wide as their widest cell, two spaces between; numbers may be aligned by padding them before. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Shows how far a job is on standard error, when that is a terminal; otherwise does nothing. */
export interface Progress {
  update(done: number, total: number): void;
  /** Clears the line. */
  end(): void;
}

/** A progress line that begins with `what`, with the time left as it looks from the pace so far. */
export function startProgress(what: string): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, end: () => {} };
  const started = performance.now();
  let shown = 0;
  return {
    update(done, total) {
      const now = performance.now();
      if (now - shown < 100 || done === 0) return;
      shown = now;
      const left = (((now - started) / done) * (total - done)) / 1000;
      const line = `${what}: ${Math.floor(done)}/${total}, ${Math.floor((done / total) * 100)}%, ${showSeconds(left)} left`;
      process.stderr.write(`\r\u001b[K${line}`);
    },
    end: () => {
      process.stderr.write('\r\u001b[K');
    },
  };
}

/** `42 s`, `3 min 5 s`, `1 h 20 min`. */
export function showSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
