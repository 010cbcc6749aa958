import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from './plugin.ts';

/**
 * Derivatives of TensorFlow.js operations. The library's build for Node comes without them, and its full package is
 * ten times as large; these are of the operations that losses and transformations of images are made of.
 */

/** What a rule may use: the cotangent, the tensors that it asked to keep, the operation's attributes. */
interface Use {
  readonly tf: TensorFlow;
  readonly dy: Tensor;
  readonly saved: readonly Tensor[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The cotangent of each input, by its name in the operation. */
type Cotangents = Record<string, () => Tensor>;

interface Rule {
  /** Inputs by name, in the order in which they come in `saved`; outputs follow. */
  readonly keep?: readonly string[];
  readonly keepAll?: true;
  readonly keepOutput?: true;
  readonly back: (use: Use) => Cotangents;
}

/** y = f(x), from f'(x). */
const slope = (of: (tf: TensorFlow, x: Tensor) => Tensor): Rule => ({
  keep: ['x'],
  back: ({ tf, dy, saved }) => ({ x: () => tf.mul(dy, of(tf, saved[0]!)) }),
});

/** y = f(x), from f' in terms of y. */
const slopeOfOutput = (of: (tf: TensorFlow, y: Tensor) => Tensor): Rule => ({
  keepOutput: true,
  back: ({ tf, dy, saved }) => ({ x: () => tf.mul(dy, of(tf, saved[0]!)) }),
});

/** y = f(a, b) with broadcasting, from both partial derivatives times the cotangent. */
const binary = (of: (use: Use, a: Tensor, b: Tensor) => { a: () => Tensor; b: () => Tensor }): Rule => ({
  keep: ['a', 'b'],
  back: (use) => {
    const [a, b] = use.saved as [Tensor, Tensor];
    const partial = of(use, a, b);
    return { a: () => unbroadcast(use, partial.a(), a), b: () => unbroadcast(use, partial.b(), b) };
  },
});

/** Sums over what was broadcast. */
function unbroadcast({ tf }: Use, slopes: Tensor, to: Tensor): Tensor {
  const axes = tf.broadcast_util.getReductionAxes(to.shape, slopes.shape);
  return tf.reshape(axes.length === 0 ? slopes : tf.sum(slopes, axes), to.shape);
}

/** Which of two goes on, from where the first does. */
const either = (first: 'greaterEqual' | 'lessEqual', second: 'less' | 'greater'): Rule =>
  binary(({ tf, dy }, a, b) => ({
    a: () => tf.mul(dy, tf.cast(tf[first](a, b), 'float32')),
    b: () => tf.mul(dy, tf.cast(tf[second](a, b), 'float32')),
  }));

/** No change of the input changes the output, but at the jumps. */
const flat: Rule = { back: ({ tf, dy }) => ({ x: () => tf.zerosLike(dy) }) };

/** The same of two inputs: comparisons. */
const flatOfTwo: Rule = {
  keep: ['a', 'b'],
  back: ({ tf, saved }) => ({ a: () => tf.zeros(saved[0]!.shape), b: () => tf.zeros(saved[1]!.shape) }),
};

/** The axes of a reduction, counted from 0. */
function axesOf({ attributes }: Use, axes: unknown, rank: number): number[] {
  const given = (axes ?? attributes.reductionIndices) as number | readonly number[] | null | undefined;
  if (given === null || given === undefined) return Array.from({ length: rank }, (_, i) => i);
  return [given].flat().map((axis) => (axis < 0 ? axis + rank : axis));
}

/** The cotangent of a reduction with its axes put back, each of length 1. */
function widened(use: Use, values: Tensor, x: Tensor, axes: unknown): Tensor {
  const gone = axesOf(use, axes, x.rank);
  return use.tf.reshape(
    values,
    x.shape.map((extent, axis) => (gone.includes(axis) ? 1 : extent)),
  );
}

/** The largest or smallest along axes: to each that equals it. */
const extreme: Rule = {
  keep: ['x'],
  keepOutput: true,
  back: (use) => {
    const { tf, dy, attributes } = use;
    const [x, y] = use.saved as [Tensor, Tensor];
    const wide = (values: Tensor) => widened(use, values, x, attributes.reductionIndices ?? attributes.axis);
    return { x: () => tf.mul(wide(dy), tf.cast(tf.equal(x, wide(y)), 'float32')) };
  },
};

const sum: Rule = {
  keep: ['x'],
  back: (use) => ({
    x: () => {
      const x = use.saved[0]!;
      return use.tf.mul(widened(use, use.dy, x, use.attributes.axis), use.tf.onesLike(x));
    },
  }),
};

const mean: Rule = {
  keep: ['x'],
  back: (use) => ({
    x: () => {
      const x = use.saved[0]!;
      const count = axesOf(use, use.attributes.axis, x.rank).reduce((n, axis) => n * x.shape[axis]!, 1);
      const wide = widened(use, use.tf.div(use.dy, count), x, use.attributes.axis);
      return use.tf.mul(wide, use.tf.onesLike(x));
    },
  }),
};

const softmax: Rule = {
  keepOutput: true,
  back: ({ tf, dy, saved }) => ({
    logits: () => {
      const scaled = tf.mul(dy, saved[0]!);
      return tf.sub(scaled, tf.mul(tf.sum(scaled, -1, true), saved[0]!));
    },
  }),
};

const logSoftmax: Rule = {
  keepOutput: true,
  back: ({ tf, dy, saved }) => ({
    logits: () => tf.sub(dy, tf.mul(tf.sum(dy, -1, true), tf.exp(saved[0]!))),
  }),
};

/** A movement of values, undone by another. */
const moved = (input: string, back: (use: Use, x: Tensor) => Tensor): Rule => ({
  keep: [input],
  back: (use) => ({ [input]: () => back(use, use.saved[0]!) }),
});

const matMul: Rule = {
  keep: ['a', 'b'],
  back: ({ tf, dy, saved, attributes }) => {
    const [a, b] = saved as [Tensor, Tensor];
    const { transposeA: ta, transposeB: tb } = attributes as { transposeA: boolean; transposeB: boolean };
    return {
      a: () => (ta ? tf.matMul(b, dy, tb, true) : tf.matMul(dy, b, false, !tb)),
      b: () => (tb ? tf.matMul(dy, a, true, ta) : tf.matMul(a, dy, !ta, false)),
    };
  },
};

const slice: Rule = moved('x', ({ tf, dy, attributes }, x) => {
  const begin = attributes.begin as number | readonly number[];
  const starts = x.shape.map((_, axis) =>
    Array.isArray(begin) ? ((begin[axis] as number) ?? 0) : axis === 0 ? (begin as number) : 0,
  );
  return tf.pad(
    dy,
    x.shape.map((extent, axis) => [starts[axis]!, extent - starts[axis]! - dy.shape[axis]!]),
  );
});

const concat: Rule = {
  keepAll: true,
  back: ({ tf, dy, saved, attributes }) => {
    const axis = attributes.axis as number;
    const at = axis < 0 ? axis + dy.rank : axis;
    const parts = tf.split(
      dy,
      saved.map(({ shape }) => shape[at]!),
      at,
    );
    return Object.fromEntries(parts.map((part, i) => [String(i), () => part])) as Cotangents;
  },
};

const select: Rule = {
  keep: ['condition'],
  back: ({ tf, dy, saved }) => {
    const condition = saved[0]!;
    return {
      condition: () => tf.cast(tf.zerosLike(condition), 'float32'),
      t: () => tf.mul(dy, tf.cast(condition, 'float32')),
      e: () => tf.mul(dy, tf.cast(tf.logicalNot(condition as never), 'float32')),
    };
  },
};

const rules: Readonly<Record<string, Rule>> = {
  Abs: slope((tf, x) => tf.sign(x)),
  Add: binary(({ dy }) => ({ a: () => dy, b: () => dy })),
  BatchMatMul: matMul,
  Cast: { back: ({ dy }) => ({ x: () => dy }) },
  Ceil: flat,
  ClipByValue: {
    keep: ['x'],
    back: ({ tf, dy, saved, attributes }) => ({
      x: () => {
        const { clipValueMin: low, clipValueMax: high } = attributes as Record<string, number>;
        const inside = tf.logicalAnd(tf.greaterEqual(saved[0]!, low!), tf.lessEqual(saved[0]!, high!));
        return tf.mul(dy, tf.cast(inside, 'float32'));
      },
    }),
  },
  Concat: concat,
  Cos: slope((tf, x) => tf.neg(tf.sin(x))),
  Exp: slopeOfOutput((_, y) => y),
  Equal: flatOfTwo,
  ExpandDims: moved('input', ({ tf, dy }, x) => tf.reshape(dy, x.shape)),
  Floor: flat,
  Greater: flatOfTwo,
  GreaterEqual: flatOfTwo,
  Identity: { back: ({ dy }) => ({ x: () => dy }) },
  Less: flatOfTwo,
  LessEqual: flatOfTwo,
  Log: slope((tf, x) => tf.reciprocal(x)),
  Log1p: slope((tf, x) => tf.reciprocal(tf.add(x, 1))),
  LogSoftmax: logSoftmax,
  Max: extreme,
  Maximum: either('greaterEqual', 'less'),
  Mean: mean,
  Min: extreme,
  Minimum: either('lessEqual', 'greater'),
  Multiply: binary(({ tf, dy }, a, b) => ({ a: () => tf.mul(dy, b), b: () => tf.mul(dy, a) })),
  Neg: { back: ({ tf, dy }) => ({ x: () => tf.neg(dy) }) },
  NotEqual: flatOfTwo,
  PadV2: moved('x', ({ tf, dy, attributes }, x) => {
    const paddings = attributes.paddings as readonly (readonly [number, number])[];
    return tf.slice(
      dy,
      paddings.map(([before]) => before),
      x.shape,
    );
  }),
  RealDiv: binary(({ tf, dy }, a, b) => ({
    a: () => tf.div(dy, b),
    b: () => tf.neg(tf.div(tf.mul(dy, a), tf.square(b))),
  })),
  Reciprocal: slopeOfOutput((tf, y) => tf.neg(tf.square(y))),
  Relu: slope((tf, x) => tf.cast(tf.greater(x, 0), 'float32')),
  Reshape: moved('x', ({ tf, dy }, x) => tf.reshape(dy, x.shape)),
  Round: flat,
  Rsqrt: slope((tf, x) => tf.neg(tf.div(tf.rsqrt(x), tf.mul(x, 2)))),
  Select: select,
  Sigmoid: slopeOfOutput((tf, y) => tf.mul(y, tf.sub(1, y))),
  Sign: flat,
  Sin: slope((tf, x) => tf.cos(x)),
  Slice: slice,
  Softmax: softmax,
  Softplus: slope((tf, x) => tf.sigmoid(x)),
  Sqrt: slopeOfOutput((tf, y) => tf.div(0.5, y)),
  Square: slope((tf, x) => tf.mul(x, 2)),
  SquaredDifference: binary(({ tf, dy }, a, b) => {
    const twice = () => tf.mul(dy, tf.mul(tf.sub(a, b), 2));
    return { a: twice, b: () => tf.neg(twice()) };
  }),
  Step: flat,
  Sub: binary(({ tf, dy }) => ({ a: () => dy, b: () => tf.neg(dy) })),
  Sum: sum,
  Tanh: slopeOfOutput((tf, y) => tf.sub(1, tf.square(y))),
  Transpose: {
    back: ({ tf, dy, attributes }) => ({
      x: () => {
        const order = attributes.perm as readonly number[];
        return tf.transpose(
          dy,
          Array.from(order, (_, axis) => order.indexOf(axis)),
        );
      },
    }),
  },
};

/** The operations that these rules are of. */
export const differentiableOperations: readonly string[] = Object.keys(rules);

/** Teaches the library the derivatives that it lacks; those that it has stay. Costs nothing when done again. */
export function registerGradients(tf: TensorFlow): void {
  for (const [kernelName, { keep, keepAll, keepOutput, back }] of Object.entries(rules)) {
    if (tf.getGradient(kernelName) !== undefined) continue;
    tf.registerGradient({
      kernelName,
      ...(keep === undefined ? {} : { inputsToSave: [...keep] }),
      ...(keepAll === undefined ? {} : { saveAllInputs: true }),
      ...(keepOutput === undefined ? {} : { outputsToSave: [true] }),
      gradFunc: (dy: Tensor | Tensor[], saved: Tensor[], attributes: NamedAttrMap) =>
        back({ tf, dy: dy as Tensor, saved, attributes: attributes as Readonly<Record<string, unknown>> }),
    });
  }
}
