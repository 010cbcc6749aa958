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
/** Correlation of what the text makes, over that of the shared patterns: 1 for this text, 0.7 or less for others. */
const same = 0.9;
const other = 0.8;
/** Modules that take fewer pixels can't be told apart. */
const leastPixels = 1.2;

/**
 * Compares the QR code that a sheet should carry with what the frame shows in its place, module by module: that works
 * at sizes where no decoder reads a code. Two runs may use the same marks; their codes differ.
 */
export function checkRun(light: Light, sheet: Sheet, map: SheetMap): RunCheck {
  const { qr } = sheet;
  if (qr === undefined) return 'unreadable';
  const middle = { x: qr.x + qr.size / 2, y: qr.y + qr.size / 2 };
  const pixels = scaleAt(map, middle).least * qr.size;
  const code = codeOf(qr.text);
  if (pixels / code.edge < leastPixels) return 'unreadable';
  const seen = readModules(light, qr, map, code.edge);
  const shared = likeness(seen, code, code.shared);
  if (shared < legible) return isOtherSize(light, qr, map, code.edge) ? 'contradicted' : 'unreadable';
  const text = likeness(seen, code, code.rest) / shared;
  if (text >= same) return 'confirmed';
  return text < other ? 'contradicted' : 'unreadable';
}

/** Modules along the side of the codes that names of runs make: versions 1 to 6. */
const edges = [21, 25, 29, 33, 37, 41] as const;

/** Whether a code of another size stands there, which says a text of another length. */
function isOtherSize(light: Light, qr: PrintedCode, map: SheetMap, own: number): boolean {
  return edges.some((edge) => {
    if (edge === own) return false;
    const code = codeOf('', edge);
    return likeness(readModules(light, qr, map, edge), code, code.shared) >= legible;
  });
}

type PrintedCode = NonNullable<Sheet['qr']>;

/** How a code looks. */
interface Code {
  /** Modules along its side. */
  readonly edge: number;
  /** The modules' light under each of the blurs, row by row. */
  readonly blurred: readonly Float64Array[];
  /** Indices of the modules that all codes of this size share, and of all others. */
  readonly shared: readonly number[];
  readonly rest: readonly number[];
}

/** Codes worked out last: a live view asks for the same ones in every frame. */
const known = new Map<string, Code>();
const mostKnown = 64;

function codeOf(text: string, edge?: number): Code {
  const key = `${edge ?? ''}:${text}`;
  const there = known.get(key);
  if (there !== undefined) return there;
  if (known.size >= mostKnown) known.clear();
  const code = makeCode(text, edge);
  known.set(key, code);
  return code;
}

function makeCode(text: string, least?: number): Code {
  const version = least === undefined ? {} : { minVersion: (least - 17) / 4 };
  const { data, size: edge } = encode(text, { ecc: 'M', border: 0, ...version });
  const white = Float64Array.from(data.flat(), (dark) => (dark ? 0 : 1));
  const all = Array.from(white.keys());
  const isShared = (i: number) => isPattern(Math.floor(i / edge), i % edge, edge);
  return {
    edge,
    blurred: blurs.map((blur) => blurred(white, edge, blur)),
    shared: all.filter(isShared),
    rest: all.filter((i) => !isShared(i)),
  };
}

/** Light of a code's modules, row by row. */
function readModules(light: Light, qr: PrintedCode, map: SheetMap, edge: number): Float64Array {
  const module = qr.size / edge;
  const taps = [0.3, 0.7];
  return Float64Array.from({ length: edge * edge }, (_, i) => {
    const [row, column] = [Math.floor(i / edge), i % edge];
    let sum = 0;
    for (const dy of taps) {
      for (const dx of taps) {
        const place = toFrame(map, { x: qr.x + (column + dx) * module, y: qr.y + (row + dy) * module });
        sum += light(place.x, place.y);
      }
    }
    return sum;
  });
}

/** The best correlation of some modules over the blurs. */
function likeness(seen: Float64Array, { blurred }: Code, modules: readonly number[]): number {
  return Math.max(...blurred.map((expected) => correlation(seen, expected, modules)));
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

function correlation(a: Float64Array, b: Float64Array, at: readonly number[]): number {
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
