import type { Announced, WireArray } from './wire.ts';
import { bytesOf, MOST_HEADER_BYTES, PREFIX_BYTES, splitArrays } from './wire.ts';

/** What takes the frames. */
export interface FrameTaker<H extends Announced> {
  /** Checks a header before a byte is set aside for its arrays; what it throws ends the reading. */
  accept(header: unknown): H;
  take(header: H, arrays: WireArray[]): void;
}

/** Puts frames together from the pieces that a pipe gives. Nothing is set aside for more than was accepted. */
export class FrameReader<H extends Announced> {
  readonly #taker: FrameTaker<H>;
  #target: Uint8Array = new Uint8Array(PREFIX_BYTES);
  #filled = 0;
  #stage: 'prefix' | 'header' | 'arrays' = 'prefix';
  #announcedBytes = 0;
  #header: H | undefined;

  constructor(taker: FrameTaker<H>) {
    this.#taker = taker;
  }

  /** Takes the next piece. Throws an error in words for a frame that isn't one. */
  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + this.#target.length - this.#filled);
      this.#target.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      // A stage of no bytes is over at once.
      while (this.#filled === this.#target.length) this.#step();
    }
  }

  #expect(stage: 'prefix' | 'header' | 'arrays', bytes: number): void {
    this.#stage = stage;
    this.#target = new Uint8Array(bytes);
    this.#filled = 0;
  }

  #step(): void {
    const { buffer } = this.#target;
    if (this.#stage === 'prefix') {
      const view = new DataView(buffer as ArrayBuffer);
      const length = view.getUint32(0, true);
      if (length === 0 || length > MOST_HEADER_BYTES) throw new Error(`it sent a header of ${length} bytes`);
      this.#announcedBytes = view.getUint32(4, true);
      this.#expect('header', length);
    } else if (this.#stage === 'header') {
      const header = this.#taker.accept(parse(this.#target));
      if (bytesOf(header) !== this.#announcedBytes) throw new Error('it announced other arrays than it sent');
      this.#header = header;
      this.#expect('arrays', this.#announcedBytes);
    } else {
      const header = this.#header as H;
      this.#expect('prefix', PREFIX_BYTES);
      this.#taker.take(header, splitArrays(header, buffer as ArrayBuffer));
    }
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Error('it sent a header that is not JSON');
  }
}
