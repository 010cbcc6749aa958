import { encode } from 'uqr';
import type { Sheet } from '../sheet/geometry.ts';
import type { Light } from './light.ts';
import { type SheetMap, scaleAt, toFrame } from './sheet-map.ts';

/** What a sheet's QR code says of the run: its own, another one's, or it can't be made out. */
export type RunCheck = 'confirmed' | 'contradicted' | 'unreadable';

/** Blur that modules are compared under, in modules. */
const blurs = [0.2, 0.5, 0.8, 1.1] as const;
/** The patterns that all codes share must correlate this well before the rest is believed. */
const legible = 0.75;
/** Correlation of what the text makes: above one it is this text; below the other, another one. */
const same = 0.6;
const other = 0.4;
/** Modules that take fewer pixels can't be told apart. */
const leastPixels = 1.2;

/**
 * Compares the QR code that a sheet should carry with what the frame shows in its place, module by module: that works
 * at sizes where no decoder reads a code. Two runs may use the same marks; their codes differ.
 */
export function checkRun(light: Light, sheet: Sheet, map: SheetMap): RunCheck {
  const { qr } = sheet;
  if (qr === undefined) return 'unreadable';
  const { data, size: edge } = encode(qr.text, { ecc: 'M', border: 0 });
  const module = qr.size / edge;
  const middle = { x: qr.x + qr.size / 2, y: qr.y + qr.size / 2 };
  if (scaleAt(map, middle).least * module < leastPixels) return 'unreadable';
  const seen = new Float64Array(edge * edge);
  const taps = [0.3, 0.7];
  for (let i = 0; i < seen.length; i++) {
    const [row, column] = [Math.floor(i / edge), i % edge];
    for (const dy of taps) {
      for (const dx of taps) {
        const place = toFrame(map, { x: qr.x + (column + dx) * module, y: qr.y + (row + dy) * module });
        seen[i]! += light(place.x, place.y);
      }
    }
  }
  const white = Float64Array.from(data.flat(), (dark) => (dark ? 0 : 1));
  const isShared = (i: number) => isPattern(Math.floor(i / edge), i % edge, edge);
  const expected = blurs.map((blur) => blurred(white, edge, blur));
  const best = (choose: (i: number) => boolean) =>
    Math.max(...expected.map((modules) => correlation(seen, modules, choose)));
  if (best(isShared) < legible) return 'unreadable';
  const text = best((i) => !isShared(i));
  if (text >= same) return 'confirmed';
  return text < other ? 'contradicted' : 'unreadable';
}

/** The finder patterns in three corners with the white round them, and the timing lines (ISO/IEC 18004). */
function isPattern(row: number, column: number, edge: number): boolean {
  const near = (at: number) => at < 8;
  const far = (at: number) => at >= edge - 8;
  const corner = (near(row) && (near(column) || far(column))) || (far(row) && near(column));
  return corner || row === 6 || column === 6;
}

function blurred(white: Float64Array, edge: number, blur: number): Float64Array {
  const reach = 3;
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / blur) ** 2),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  // Round the code is white paper.
  const pass = (from: Float64Array, stride: number) =>
    from.map((_, i) => {
      const at = stride === 1 ? i % edge : Math.floor(i / edge);
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        const isInside = at + k >= 0 && at + k < edge;
        sum += kernel[k + reach]! * (isInside ? from[i + k * stride]! : 1);
      }
      return sum / total;
    });
  return pass(pass(white, 1), edge);
}

function correlation(a: Float64Array, b: Float64Array, choose: (i: number) => boolean): number {
  const at = [...a.keys()].filter(choose);
  const meanOf = (values: Float64Array) => at.reduce((sum, i) => sum + values[i]!, 0) / at.length;
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const i of at) {
    ab += (a[i]! - meanA) * (b[i]! - meanB);
    aa += (a[i]! - meanA) ** 2;
    bb += (b[i]! - meanB) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
