import { intAttr } from '../../graph/attributes.ts';
import { int } from '../../graph/builder.ts';
import type { Dim } from '../../graph/ir.ts';
import { NONE, type Rule, type RuleContext } from '../rule.ts';

/**
 * Straight-through gradients of quantisation (Bengio, Léonard, Courville 2013): rounding counts as the
 * identity, saturation as a clip. The gradient of an integer code is that of the real number it stands for,
 * divided by the scale, so the pair QuantizeLinear → DequantizeLinear passes the gradient where the value
 * was in range.
 */

/** Scale or zero point, shaped to broadcast over the tensor. */
function alongTensor(c: RuleContext, name: string): string {
  const { b } = c;
  const shape = b.shape(name);
  if (shape.length === 0) return name;
  if (intAttr(c.node, 'block_size', 0) !== 0) throw c.error('blocked quantisation has no gradient here');
  const rank = b.shape(c.x()).length;
  const axis = (intAttr(c.node, 'axis', 1) + rank) % rank;
  if (shape[0] === 1 && b.shape(c.x())[axis] !== 1) return b.reshape(name, []);
  const trailing = Array.from({ length: rank - axis - 1 }, () => 1 as Dim);
  return b.reshape(name, [...shape, ...trailing]);
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

const quantize: Rule = (c) => {
  const { b } = c;
  const range = RANGES[b.dtype(c.y())];
  if (!range) throw c.error(`quantising to ${b.dtype(c.y())} has no gradient here`);
  const scale = alongTensor(c, c.x(1));
  const real = b.add('Div', [c.x(), scale]);
  const zero = c.has(2) ? b.add('Cast', [alongTensor(c, c.x(2))], { to: int(1) }) : b.scalar(0);
  const code = b.add('Add', [real, zero]);
  // Codes round to the nearest: half a step beyond the range still belongs to it.
  const above = b.add('GreaterOrEqual', [code, b.scalar(range[0] - 0.5)]);
  const below = b.add('LessOrEqual', [code, b.scalar(range[1] + 0.5)]);
  const inside = b.add('Cast', [b.add('And', [above, below])], { to: int(1) });
  return c.entries(
    c.when(0, () => b.add('Div', [b.add('Mul', [c.dy(), inside]), scale])),
    NONE,
    NONE,
  );
};

const dequantize: Rule = (c) => {
  const { b } = c;
  return c.entries(
    c.when(0, () => b.add('Mul', [c.dy(), alongTensor(c, c.x(1))])),
    NONE,
    NONE,
  );
};

export const quantiseRules: Readonly<Record<string, Rule>> = {
  DequantizeLinear: dequantize,
  QuantizeLinear: quantize,
};
