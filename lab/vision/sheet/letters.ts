import type { Drawn } from './drawing.ts';
import type { Rectangle } from './geometry.ts';

/**
 * Letters of 5 × 7 dots for pictures of sheets; a PDF has real type. A letter is seven rows from the top, each a
 * digit of base 32 whose highest bit is the dot on the left. Small letters are drawn as capitals.
 */
const rows: Readonly<Record<string, string>> = {
  A: 'ehhvhhh',
  B: 'uhhuhhu',
  C: 'ehggghe',
  D: 'uhhhhhu',
  E: 'vgguggv',
  F: 'vgguggg',
  G: 'ehgnhhf',
  H: 'hhhvhhh',
  I: 'e44444e',
  J: '72222ic',
  K: 'hikokih',
  L: 'ggggggv',
  M: 'hrllhhh',
  N: 'hhpljhh',
  O: 'ehhhhhe',
  P: 'uhhuggg',
  Q: 'ehhhlid',
  R: 'uhhukih',
  S: 'fgge11u',
  T: 'v444444',
  U: 'hhhhhhe',
  V: 'hhhhha4',
  W: 'hhhllla',
  X: 'hha4ahh',
  Y: 'hha4444',
  Z: 'v1248gv',
  0: 'ehjlphe',
  1: '4c4444e',
  2: 'eh1248v',
  3: 'v2421he',
  4: '26aiv22',
  5: 'vgu11he',
  6: '68guhhe',
  7: 'v124888',
  8: 'ehhehhe',
  9: 'ehhf12c',
  '.': '00000cc',
  ',': '0000c48',
  ':': '0cc0cc0',
  '-': '000v000',
  _: '000000v',
  '/': '01248g0',
  '=': '00v0v00',
  '#': 'aavavaa',
  '(': '2488842',
  ')': '8422248',
  '+': '044v440',
  '%': 'op248j3',
  "'": '4480000',
  ε: '00egcge',
  '·': '0004000',
};
const unknown = 'vhhhhhv';

/** A line of text as boxes, in mm; what reaches beyond its width is left away. */
export function textBoxes({ text, x, y, size, width }: Extract<Drawn, { kind: 'text' }>): Rectangle[] {
  const dot = size / 10;
  const fits = Math.floor(width / (6 * dot));
  return Array.from(text)
    .slice(0, fits)
    .flatMap((letter, i) => letterBoxes(letter, x + 6 * dot * i, y + dot, dot));
}

function letterBoxes(letter: string, x: number, y: number, dot: number): Rectangle[] {
  if (letter === ' ') return [];
  const shape = rows[letter] ?? rows[letter.toUpperCase()] ?? unknown;
  const dots = Array.from({ length: 35 }, (_, i) => i).filter(
    (i) => (Number.parseInt(shape[Math.floor(i / 5)]!, 32) >> (4 - (i % 5))) & 1,
  );
  return dots.map((i) => ({ x: x + (i % 5) * dot, y: y + Math.floor(i / 5) * dot, width: dot, height: dot }));
}
