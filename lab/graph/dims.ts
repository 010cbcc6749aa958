import type { Dim } from './ir.ts';

/** Arithmetic on extents: numbers, and whole multiples of one symbol (`N`, `64*N`). */

interface Term {
  readonly factor: number;
  readonly symbol: string;
}

function term(dim: Dim): Term {
  if (typeof dim === 'number') return { factor: dim, symbol: '' };
  const star = dim.indexOf('*');
  if (star < 0) return { factor: 1, symbol: dim };
  return { factor: Number(dim.slice(0, star)), symbol: dim.slice(star + 1) };
}

function dim({ factor, symbol }: Term): Dim {
  if (symbol === '' || factor === 0) return factor;
  return factor === 1 ? symbol : `${factor}*${symbol}`;
}

let unknowns = 0;

/** A fresh symbol for an extent about which nothing is known; never equal to another. */
export function unknownDim(): Dim {
  unknowns += 1;
  return `?${unknowns}`;
}

/** a · b; a fresh unknown when both are symbolic. */
export function mulDims(a: Dim, b: Dim): Dim {
  const x = term(a);
  const y = term(b);
  if (x.factor === 0 || y.factor === 0) return 0;
  if (x.symbol !== '' && y.symbol !== '') return unknownDim();
  return dim({ factor: x.factor * y.factor, symbol: x.symbol || y.symbol });
}

/** a / b when it is a whole number or a whole multiple of a symbol; otherwise undefined. */
export function divDims(a: Dim, b: Dim): Dim | undefined {
  const x = term(a);
  const y = term(b);
  if (y.factor === 0 || !Number.isInteger(x.factor / y.factor)) return undefined;
  if (y.symbol === '') return dim({ factor: x.factor / y.factor, symbol: x.symbol });
  return x.symbol === y.symbol ? x.factor / y.factor : undefined;
}

/** a + b when it can be said; otherwise undefined. */
export function addDims(a: Dim, b: Dim): Dim | undefined {
  const x = term(a);
  const y = term(b);
  if (x.factor === 0) return b;
  if (y.factor === 0) return a;
  if (x.symbol !== y.symbol) return undefined;
  return dim({ factor: x.factor + y.factor, symbol: x.symbol });
}

/** −a, for differences. */
export function negateDim(a: Dim): Dim {
  const x = term(a);
  return dim({ factor: -x.factor, symbol: x.symbol });
}

/** Product of extents; 1 for none. Fresh unknown when two or more different ones are symbolic. */
export function productOfDims(dims: readonly Dim[]): Dim {
  return dims.reduce(mulDims, 1 as Dim);
}

/** Every extent a number? */
export function isStatic(shape: readonly Dim[] | null): shape is readonly number[] {
  return shape?.every((d) => typeof d === 'number') ?? false;
}

/**
 * Product of `a` over product of `b`, equal symbols cancelled first, so that several symbols may take part;
 * undefined when what remains is no whole number and no whole multiple of one symbol.
 */
export function divideProducts(a: readonly Dim[], b: readonly Dim[]): Dim | undefined {
  const left = a.map(term);
  const right = b.map(term);
  const below = right.map((t) => t.symbol).filter((symbol) => symbol !== '');
  const above = left.map((t) => t.symbol).filter((symbol) => symbol !== '');
  for (const symbol of below) {
    const at = above.indexOf(symbol);
    if (at < 0) return undefined;
    above.splice(at, 1);
  }
  const factor = left.reduce((p, t) => p * t.factor, 1) / right.reduce((p, t) => p * t.factor, 1);
  if (!Number.isInteger(factor)) return undefined;
  if (above.length > 1 && factor !== 0) return undefined;
  return dim({ factor, symbol: above[0] ?? '' });
}

/** A whole multiple (above 0) of a named symbol, hence known to be 0 or more. Unknowns may be anything. */
export function isNamedExtent(d: Dim): d is string {
  if (typeof d === 'number') return false;
  const { factor, symbol } = term(d);
  return factor > 0 && !symbol.startsWith('?');
}

/** Made by `unknownDim`, or a multiple of such? */
export function isUnknown(d: Dim): boolean {
  return typeof d === 'string' && term(d).symbol.startsWith('?');
}
