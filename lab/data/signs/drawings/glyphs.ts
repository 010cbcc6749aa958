import { stroke } from './svg.ts';

/** Centre lines of the digits and letters that signs carry, in boxes of 8 × 14 units. */
const lines: Record<string, string> = {
  '0': 'M4 1C6.2 1 7 2.8 7 7S6.2 13 4 13 1 11.2 1 7 1.8 1 4 1Z',
  '3': 'M1.2 2.9C1.8 1.6 2.8 1 4 1 5.7 1 6.8 2.1 6.8 3.8 6.8 5.6 5.6 6.6 3.4 6.6 5.8 6.6 7 7.8 7 9.7 7 11.7 5.7 13 3.9 13 2.6 13 1.5 12.3 1 11',
  '5': 'M6.5 1H2L1.5 6.9C2.3 6.1 3.1 5.8 4 5.8 5.8 5.8 7 7.2 7 9.3 7 11.5 5.7 13 3.8 13 2.6 13 1.5 12.4 1 11.2',
  '8': 'M4 6.6C2.4 6.6 1.4 5.5 1.4 3.8 1.4 2.1 2.4 1 4 1S6.6 2.1 6.6 3.8C6.6 5.5 5.6 6.6 4 6.6 2.2 6.6 1 7.9 1 9.8 1 11.7 2.2 13 4 13S7 11.7 7 9.8C7 7.9 5.8 6.6 4 6.6Z',
  A: 'M1 13L4 1 7 13M2 9.3H6',
  D: 'M1.4 1V13H3.4C5.9 13 7 11 7 7S5.9 1 3.4 1Z',
  E: 'M6.8 1H1.4V13H6.8M1.4 6.8H6',
  I: 'M4 1V13',
  L: 'M1.4 1V13H6.8',
  O: 'M4 1C6.2 1 7 2.8 7 7S6.2 13 4 13 1 11.2 1 7 1.8 1 4 1Z',
  P: 'M1.4 13V1H4C6 1 7 2.2 7 4.2S6 7.4 4 7.4H1.4',
  R: 'M1.4 13V1H4C6 1 7 2.2 7 4.2S6 7.4 4 7.4H1.4M4 7.4L7 13',
  S: 'M6.8 3.4C6.4 1.8 5.4 1 4 1 2.3 1 1.2 2.1 1.2 3.7 1.2 5.4 2.4 6.1 4 6.8 5.8 7.5 7 8.4 7 10.2 7 11.9 5.8 13 4 13 2.4 13 1.3 12.1 1 10.4',
  T: 'M1 1H7M4 1V13',
  Y: 'M1 1L4 7 7 1M4 7V13',
};

const glyph = { width: 8, height: 14, gap: 1.6 };

/** How a word is set. Units are those of the canvas. */
export interface Setting {
  /** Height of the letters. */
  readonly height: number;
  /** Height of the word's middle. */
  readonly middle?: number;
  /** Thickness of the lines as a share of the height. */
  readonly weight?: number;
  /** Width of the letters over their natural width. */
  readonly stretch?: number;
  readonly ink: string;
}

/** A word centred on the canvas. The word holds the letters of `lines` alone. */
export function word(
  text: string,
  { height, middle = 50, weight = 0.15, stretch = 1, ink }: Setting,
): string {
  const scale = height / glyph.height;
  const width = (text.length * (glyph.width + glyph.gap) - glyph.gap) * scale * stretch;
  const marks = Array.from(text, (letter, i) => {
    const path = lines[letter];
    if (path === undefined) throw new RangeError(`no drawing of '${letter}'`);
    const x = 50 - width / 2 + i * (glyph.width + glyph.gap) * scale * stretch;
    const mark = stroke(path, ink, weight * glyph.height, 'butt');
    return `<g transform="translate(${x} ${middle - height / 2}) scale(${scale * stretch} ${scale})">${mark}</g>`;
  });
  return marks.join('');
}
