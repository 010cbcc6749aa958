import { describe, expect, it } from 'vitest';
import {
  changeWords,
  difference,
  nextGain,
  type Pixels,
  placeAt,
  scaledPlace,
  valuesAt,
} from './difference.ts';
import { PictureCache } from './picture-cache.ts';

function pixels(width: number, ...rgb: number[][]): Pixels {
  const data = new Uint8ClampedArray(rgb.flatMap((pixel) => [...pixel, 255]));
  return { width, height: rgb.length / width, data };
}

describe('an amplified difference', () => {
  const source = pixels(2, [100, 100, 100], [0, 200, 255]);
  const changed = pixels(2, [101, 98, 100], [10, 180, 255]);

  it('is centred on grey, keeps its sign and is cut at black and white', () => {
    expect([...difference(source, changed, 1)!.data]).toEqual([129, 126, 128, 255, 138, 108, 128, 255]);
    expect([...difference(source, changed, 32)!.data]).toEqual([160, 64, 128, 255, 255, 0, 128, 255]);
  });

  it('needs two pictures of one size', () => {
    expect(difference(source, pixels(1, [0, 0, 0]), 1)).toBeUndefined();
  });

  it('goes round through its gains', () => {
    expect([1, 8, 32].map((gain) => nextGain(gain as 1))).toEqual([8, 32, 1]);
  });
});

describe('a pixel under the pointer', () => {
  it('is found in the picture and in one of another size', () => {
    const shown = { width: 80, height: 40 };
    expect(placeAt({ width: 8, height: 4 }, { x: 79.9, y: 10 }, shown)).toEqual({ x: 7, y: 1 });
    expect(placeAt({ width: 8, height: 4 }, { x: 80, y: 10 }, shown)).toBeUndefined();
    expect(scaledPlace({ x: 7, y: 0 }, { width: 8, height: 4 }, { width: 24, height: 12 })).toEqual({
      x: 22,
      y: 1,
    });
  });

  it('says its values and how far they went', () => {
    const picture = pixels(1, [7, 7, 7], [1, 2, 3]);
    expect(valuesAt(picture, { x: 0, y: 0 })).toEqual([7]);
    expect(valuesAt(picture, { x: 0, y: 1 })).toEqual([1, 2, 3]);
    expect(changeWords([7], [9, 7, 2])).toBe('+2 0 −5');
  });
});

describe('kept pictures', () => {
  const small = pixels(1, [0, 0, 0]);
  const large: Pixels = { width: 1, height: 1, data: new Uint8ClampedArray(80 * 2 ** 20) };

  /** A cache, and what it read. */
  function reading(read: (name: string) => Promise<Pixels>) {
    const names: string[] = [];
    const cache = new PictureCache((name) => {
      names.push(name);
      return read(name);
    });
    return { names, cache, get: (name: string) => cache.want(name).pixels };
  }

  it('are read once, and again after an error or when they changed', async () => {
    let fails = true;
    const { names, cache, get } = reading(async () => {
      if (fails) throw new Error('no');
      return small;
    });
    await expect(get('a')).rejects.toThrow('no');
    fails = false;
    expect(cache.peek('a')).toBeUndefined();
    await get('a');
    await get('a');
    expect(cache.peek('a')).toBe(small);
    expect(names).toEqual(['a', 'a']);
    cache.forget((name) => name === 'a');
    await get('a');
    expect(names).toHaveLength(3);
  });

  it('make room, those longest unused first', async () => {
    const { names, get } = reading(async () => large);
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await get(name);
    expect(names).toEqual(['a', 'b', 'c', 'b']);
  });

  it('are not read when nobody waits for them any more, and the latest wanted first', async () => {
    const gates: (() => void)[] = [];
    const { names, cache } = reading(async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return small;
    });
    // As many as are read at a time, then some that have to wait.
    for (const name of 'abcdef') cache.want(name);
    await Promise.resolve();
    const wishes = ['g', 'h', 'i', 'j'].map((name) => cache.want(name));
    const again = cache.want('h');
    wishes[0]!.giveUp();
    wishes[1]!.giveUp();
    wishes[3]!.giveUp();
    while (gates.length > 0) {
      gates.shift()!();
      await new Promise((resolve) => setTimeout(resolve));
    }
    expect(await again.pixels).toBe(small);
    expect(names.slice(6)).toEqual(['h', 'i']);
  });

  it('that changed while they were read are not kept', async () => {
    const gates: (() => void)[] = [];
    const { names, cache, get } = reading(async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return small;
    });
    const before = get('a');
    await Promise.resolve();
    cache.forget(() => true);
    const after = get('a');
    await Promise.resolve();
    for (const open of gates) open();
    await Promise.all([before, after]);
    expect(names).toEqual(['a', 'a']);
    expect(cache.peek('a')).toBe(small);
  });
});
