import { describe, expect, it } from 'vitest';
import {
  addDims,
  divDims,
  divideProducts,
  isNamedExtent,
  isUnknown,
  mulDims,
  negateDim,
  productOfDims,
  unknownDim,
} from './dims.ts';

describe('arithmetic on extents', () => {
  it('adds, multiplies and divides multiples of one symbol', () => {
    expect(addDims('N', '3*N')).toBe('4*N');
    expect(addDims('4*N', negateDim('4*N'))).toBe(0);
    expect(addDims('N', 1)).toBeUndefined();
    expect(mulDims('4*N', 16)).toBe('64*N');
    expect(mulDims('N', 0)).toBe(0);
    expect(divDims('64*N', 16)).toBe('4*N');
    expect(divDims('64*N', 'N')).toBe(64);
    expect(divDims('2*N', 4)).toBeUndefined();
    expect(divDims(6, 0)).toBeUndefined();
    expect(productOfDims([2, 'N', 3])).toBe('6*N');
  });

  it('divides products of several symbols, and gives up where something is left over', () => {
    expect(divideProducts(['N', 'H', 6], ['H', 2])).toBe('3*N');
    expect(divideProducts(['N', 'N'], ['N'])).toBe('N');
    expect(divideProducts(['N', 'H'], [2])).toBeUndefined();
    expect(divideProducts(['N', 4], ['H'])).toBeUndefined();
    expect(divideProducts([4], [0])).toBeUndefined();
  });

  it('tells extents that have a name from those of which nothing is known', () => {
    const unknown = unknownDim();
    expect(unknownDim()).not.toBe(unknown);
    expect(isUnknown(mulDims(unknown, 3))).toBe(true);
    expect(isUnknown(mulDims('N', 'H'))).toBe(true);
    expect([isNamedExtent('2*N'), isNamedExtent(negateDim('N')), isNamedExtent(unknown)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
