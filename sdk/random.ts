/** A seeded stream of random numbers. Equal seeds give equal streams on every machine. */
export interface Random {
  /** 32 random bits, as a whole number in [0, 2³²). */
  bits(): number;
  /** Uniform in [low, high); [0, 1) by default. 24 random bits: exact in float32. */
  uniform(low?: number, high?: number): number;
  /** Normal with the given mean and standard deviation; 0 and 1 by default. */
  normal(mean?: number, deviation?: number): number;
  /** A whole number in [0, below), every one as likely. `below` is 1 to 2³². */
  integer(below: number): number;
  /**
   * A stream of its own for a purpose or an item: it depends on this stream's seed and the key, not on how much
   * has been drawn, so that an image's numbers are the same whatever batch it comes in.
   */
  derive(key: number | string): Random;
  /** The seed in words: `restored` makes of it this stream from its beginning, in another process, say. */
  readonly words: readonly number[];
}

/** The four words of xoshiro128. */
type State = [number, number, number, number];

const golden = 0x9e3779b9;

/** The finalizer of MurmurHash3 (Appleby 2011): every input bit moves every output bit. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Four words of state: a Weyl sequence through `mix`, as SplitMix does, absorbing the words of the seed. */
function expand(words: readonly number[]): State {
  let h = 0;
  for (const word of words) h = mix(Math.imul(h, 31) + mix(word + golden) + golden);
  const word = (i: number) => mix(h + Math.imul(golden, i));
  const state: State = [word(1), word(2), word(3), word(4)];
  // The generator's one forbidden state is all zeros.
  if (state.every((value) => value === 0)) state[0] = 1;
  return state;
}

function wordsOf(key: number | string): number[] {
  if (typeof key === 'string') return [key.length, ...Array.from(key, (c) => c.codePointAt(0) ?? 0)];
  return [key >>> 0, Math.floor(key / 2 ** 32) >>> 0];
}

function rotl(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

/**
 * xoshiro128** from four words of state. D. Blackman, S. Vigna, 'Scrambled Linear Pseudorandom Number
 * Generators', ACM TOMS 47 (2021). Departures: none.
 */
export function xoshiro128(state: Readonly<State>): () => number {
  let [a, b, c, d] = state;
  return () => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return result;
  };
}

/** A stream from a seed: a whole number of at most 53 bits, or a word. */
export function seeded(seed: number | string): Random {
  return restored(wordsOf(seed));
}

/** The stream of these seed words, from its beginning. */
export function restored(words: readonly number[]): Random {
  const bits = xoshiro128(expand(words));
  const unit = () => (bits() >>> 8) / 2 ** 24;
  let spare: number | undefined;
  return {
    bits,
    uniform: (low = 0, high = 1) => low + (high - low) * unit(),
    // Box and Muller (1958); they come in pairs, so one is kept.
    normal(mean = 0, deviation = 1) {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return mean + deviation * kept;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - unit()));
      const angle = 2 * Math.PI * unit();
      spare = radius * Math.sin(angle);
      return mean + deviation * radius * Math.cos(angle);
    },
    integer(below) {
      // Draws from the last, incomplete span are thrown away: they would favour small numbers.
      const limit = 2 ** 32 - (2 ** 32 % below);
      let drawn = bits();
      while (drawn >= limit) drawn = bits();
      return drawn % below;
    },
    derive: (key) => restored([...words, words.length, ...wordsOf(key)]),
    words,
  };
}
