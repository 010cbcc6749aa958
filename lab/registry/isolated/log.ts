const KEPT_BYTES = 16 << 10;

/** The last that a process wrote; too much in all is told once. */
export class Log {
  readonly #most: number;
  readonly #onTooMuch: () => void;
  #pieces: Buffer[] = [];
  #kept = 0;
  #written = 0;

  constructor(most: number, onTooMuch: () => void) {
    this.#most = most;
    this.#onTooMuch = onTooMuch;
  }

  write(piece: Buffer): void {
    const before = this.#written;
    this.#written += piece.length;
    this.#pieces.push(piece);
    this.#kept += piece.length;
    while (this.#kept - this.#pieces[0]!.length > KEPT_BYTES) this.#kept -= this.#pieces.shift()!.length;
    if (before <= this.#most && this.#written > this.#most) this.#onTooMuch();
  }

  /** At most 16 KiB, lines in plain text. */
  tail(): string {
    const text = Buffer.concat(this.#pieces).subarray(-KEPT_BYTES).toString('utf8');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a log is shown in terminals
    return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ').trim();
  }
}
