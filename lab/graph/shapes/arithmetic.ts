import { addDims, divDims, isNamedExtent, mulDims, negateDim, unknownDim } from '../dims.ts';
import type { Dim } from '../ir.ts';

/** Arithmetic on the elements of shape values: what an operator makes of numbers and symbols. */

type Binary = (a: Dim, b: Dim) => Dim;

function numeric(combine: (a: number, b: number) => number, symbolic: Binary): Binary {
  return (a, b) => (typeof a === 'number' && typeof b === 'number' ? combine(a, b) : symbolic(a, b));
}

const unknown: Binary = () => unknownDim();

/** Integer division, exact where a symbol takes part. ONNX truncates integers as C does. */
function divide(integer: boolean): Binary {
  return numeric(
    (a, b) => (integer ? (b === 0 ? 0 : Math.trunc(a / b)) : a / b),
    (a, b) => divDims(a, b) ?? unknownDim(),
  );
}

const equal: Binary = (a, b) => {
  if (a === b) return 1;
  if (typeof a === 'number' && typeof b === 'number') return 0;
  // An extent is never negative: torch asks whether it is -1.
  if (isNamedExtent(a) && typeof b === 'number' && b < 0) return 0;
  if (isNamedExtent(b) && typeof a === 'number' && a < 0) return 0;
  return unknownDim();
};

const same =
  (otherwise: Binary): Binary =>
  (a, b) =>
    a === b ? a : otherwise(a, b);

/** What a binary operator does to two elements; undefined for operators that are not followed. */
export function binaryElements(op: string, integer: boolean): Binary | undefined {
  switch (op) {
    case 'Add':
      return numeric(
        (a, b) => a + b,
        (a, b) => addDims(a, b) ?? unknownDim(),
      );
    case 'Sub':
      return numeric(
        (a, b) => a - b,
        (a, b) => addDims(a, negateDim(b)) ?? unknownDim(),
      );
    case 'Mul':
      return numeric((a, b) => a * b, mulDims);
    case 'Div':
      return divide(integer);
    case 'Mod':
      return integer
        ? numeric(
            (a, b) => (b === 0 ? 0 : a - b * Math.floor(a / b)),
            (a, b) => (typeof b === 'number' && divDims(a, b) !== undefined ? 0 : unknownDim()),
          )
        : undefined;
    case 'Min':
      return same(numeric(Math.min, unknown));
    case 'Max':
      return same(numeric(Math.max, unknown));
    case 'Equal':
      return equal;
    case 'Greater':
      return numeric((a, b) => Number(a > b), unknown);
    case 'Less':
      return numeric((a, b) => Number(a < b), unknown);
    case 'GreaterOrEqual':
      return numeric((a, b) => Number(a >= b), unknown);
    case 'LessOrEqual':
      return numeric((a, b) => Number(a <= b), unknown);
    case 'And':
      return numeric((a, b) => Number(a !== 0 && b !== 0), unknown);
    case 'Or':
      return numeric((a, b) => Number(a !== 0 || b !== 0), unknown);
    case 'Xor':
      return numeric((a, b) => Number((a !== 0) !== (b !== 0)), unknown);
    default:
      return undefined;
  }
}

function mapNumber(f: (a: number) => number): (a: Dim) => Dim {
  return (a) => (typeof a === 'number' ? f(a) : unknownDim());
}

/** Rounds; a multiple of a named extent is whole already. */
export function wholeElement(round: (a: number) => number): (a: Dim) => Dim {
  return (a) => (typeof a === 'number' ? round(a) : isNamedExtent(a) ? a : unknownDim());
}

/** What a unary operator does to an element; undefined for operators that are not followed. */
export function unaryElements(op: string): ((a: Dim) => Dim) | undefined {
  switch (op) {
    case 'Neg':
      return (a) => (typeof a === 'number' ? -a : negateDim(a));
    case 'Abs':
      return (a) => (typeof a === 'number' ? Math.abs(a) : isNamedExtent(a) ? a : unknownDim());
    case 'Floor':
      return wholeElement(Math.floor);
    case 'Ceil':
      return wholeElement(Math.ceil);
    case 'Sqrt':
      return mapNumber(Math.sqrt);
    case 'Not':
      return mapNumber((a) => (a === 0 ? 1 : 0));
    default:
      return undefined;
  }
}

/** One element of `Where`. */
export function whereElement(condition: Dim, a: Dim, b: Dim): Dim {
  if (typeof condition === 'number') return condition !== 0 ? a : b;
  return a === b ? a : unknownDim();
}
