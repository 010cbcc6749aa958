import type { Pixels } from './difference.ts';

/** What the pictures that are kept may weigh together. */
const MOST_BYTES = 192 * 2 ** 20;
/** How many are read at a time: the rest can still be called off. */
const MOST_READS = 6;

/** A picture that somebody wants. */
export interface Wish {
  readonly pixels: Promise<Pixels>;
  /** Nobody waits for it any more: it is not read, unless it is being read already. Its promise then stays open. */
  giveUp(): void;
}

interface Reading extends PromiseWithResolvers<Pixels> {
  wanted: number;
  started: boolean;
}

/**
 * Pictures by name, each read once; those longest unused make room. The latest wanted is read first and what was given
 * up isn't read at all: a gallery that flies by asks for what it stops at.
 */
export class PictureCache {
  private readonly kept = new Map<string, Pixels>();
  private readonly readings = new Map<string, Reading>();
  private weight = 0;
  private atWork = 0;
  private readonly read: (name: string) => Promise<Pixels>;

  constructor(read: (name: string) => Promise<Pixels>) {
    this.read = read;
  }

  /** A picture that is there already. */
  peek(name: string): Pixels | undefined {
    const pixels = this.kept.get(name);
    if (pixels === undefined) return undefined;
    // The latest used stands last.
    this.kept.delete(name);
    this.kept.set(name, pixels);
    return pixels;
  }

  /** Asks for a picture; one that could not be read is read again the next time. */
  want(name: string): Wish {
    const known = this.peek(name);
    if (known !== undefined) return { pixels: Promise.resolve(known), giveUp: () => undefined };
    const reading = this.readings.get(name) ?? this.queued(name);
    reading.wanted += 1;
    // The latest wanted stands last, and is read first.
    this.readings.delete(name);
    this.readings.set(name, reading);
    // Whoever asks for several in one go gets them in this order at least.
    queueMicrotask(() => this.next());
    return { pixels: reading.promise, giveUp: once(() => this.giveUp(name, reading)) };
  }

  /** Forgets pictures whose name passes: they changed. */
  forget(changed: (name: string) => boolean): void {
    for (const name of [...this.kept.keys()]) if (changed(name)) this.drop(name);
    // Those who wait for one get what comes; whoever asks from now on gets it anew.
    for (const name of [...this.readings.keys()]) {
      if (changed(name) && this.readings.get(name)?.started) this.readings.delete(name);
    }
  }

  private queued(name: string): Reading {
    const reading = { ...Promise.withResolvers<Pixels>(), wanted: 0, started: false };
    this.readings.set(name, reading);
    return reading;
  }

  private giveUp(name: string, reading: Reading): void {
    reading.wanted -= 1;
    if (reading.wanted === 0 && !reading.started) this.readings.delete(name);
  }

  private next(): void {
    while (this.atWork < MOST_READS) {
      const [name, reading] = [...this.readings].findLast(([, { started }]) => !started) ?? [];
      if (name === undefined || reading === undefined) return;
      reading.started = true;
      this.atWork += 1;
      void this.load(name, reading);
    }
  }

  private async load(name: string, reading: Reading): Promise<void> {
    const isAsked = () => this.readings.get(name) === reading;
    try {
      const pixels = await this.read(name);
      if (isAsked()) this.keep(name, pixels);
      reading.resolve(pixels);
    } catch (cause) {
      reading.reject(cause);
    }
    if (isAsked()) this.readings.delete(name);
    this.atWork -= 1;
    this.next();
  }

  private keep(name: string, pixels: Pixels): void {
    this.kept.set(name, pixels);
    this.weight += pixels.data.length;
    for (const oldest of this.kept.keys()) {
      if (this.weight <= MOST_BYTES || oldest === name) return;
      this.drop(oldest);
    }
  }

  private drop(name: string): void {
    this.weight -= this.kept.get(name)?.data.length ?? 0;
    this.kept.delete(name);
  }
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
