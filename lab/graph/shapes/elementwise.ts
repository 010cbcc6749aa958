import { intAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Dim, DType } from '../ir.ts';
import { dtypeOfCode, isFloat } from '../tensors.ts';
import { binaryElements, unaryElements, whereElement, wholeElement } from './arithmetic.ts';
import { broadcastShapes } from './broadcast.ts';
import { elementsOf, type InferenceRule, type Site, sameAsFirst, typeOf, withElements } from './inputs.ts';

/** Operators that work element by element. */

/** Elements of inputs of rank 0 and 1, each stretched to the common length; undefined when not all are known. */
function stretched(site: Site, count: number, shape: readonly Dim[] | null): Dim[][] | undefined {
  if (!shape || shape.length > 1) return undefined;
  const length = shape[0] ?? 1;
  if (typeof length !== 'number') return undefined;
  const lists: Dim[][] = [];
  for (let i = 0; i < count; i++) {
    const elements = elementsOf(site, i);
    if (!elements) return undefined;
    lists.push(Array.from({ length }, (_, j) => elements[elements.length === 1 ? 0 : j]!));
  }
  return lists;
}

function expectSameType(site: Site, indices: readonly number[]): DType {
  const dtype = typeOf(site, indices[0]!).dtype;
  for (const index of indices) {
    const other = typeOf(site, index).dtype;
    if (other !== dtype) {
      throw new GraphError(`Inputs differ in type: ${dtype} and ${other}`, { node: site.node });
    }
  }
  return dtype;
}

function inferBinary(result: 'same' | 'bool'): InferenceRule {
  return (site) => {
    const dtype = expectSameType(site, [0, 1]);
    const a = typeOf(site, 0);
    const b = typeOf(site, 1);
    const shape = broadcastShapes(site.node, [a.shape, b.shape]);
    const type = { dtype: result === 'bool' ? ('bool' as const) : dtype, shape };
    const combine = binaryElements(site.node.op, !isFloat(dtype));
    const lists = combine && stretched(site, 2, shape);
    return [withElements(type, lists && lists[0]!.map((x, i) => combine(x, lists[1]![i]!)))];
  };
}

/** The exponent may have a type of its own. */
const inferPow: InferenceRule = (site) => {
  const a = typeOf(site, 0);
  return [{ dtype: a.dtype, shape: broadcastShapes(site.node, [a.shape, typeOf(site, 1).shape]) }];
};

const inferPRelu: InferenceRule = (site) => {
  const x = typeOf(site, 0);
  broadcastShapes(site.node, [x.shape, typeOf(site, 1).shape]);
  return [{ dtype: x.dtype, shape: x.shape }];
};

const inferVariadic: InferenceRule = (site) => {
  const indices = site.node.inputs.map((_, i) => i);
  const dtype = expectSameType(site, indices);
  const shape = broadcastShapes(
    site.node,
    indices.map((i) => typeOf(site, i).shape),
  );
  const combine = binaryElements(site.node.op === 'Sum' ? 'Add' : site.node.op, !isFloat(dtype));
  const lists = combine && stretched(site, indices.length, shape);
  const elements = lists?.reduce((left, right) => left.map((x, i) => combine!(x, right[i]!)));
  return [withElements({ dtype, shape }, elements)];
};

const inferUnary: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  const map = unaryElements(site.node.op);
  return [withElements({ dtype, shape }, map && elementsOf(site, 0)?.map(map))];
};

const inferTest: InferenceRule = (site) => [{ dtype: 'bool', shape: typeOf(site, 0).shape }];

const inferWhere: InferenceRule = (site) => {
  const dtype = expectSameType(site, [1, 2]);
  const shape = broadcastShapes(
    site.node,
    [0, 1, 2].map((i) => typeOf(site, i).shape),
  );
  const lists = stretched(site, 3, shape);
  const elements = lists && lists[0]!.map((c, i) => whereElement(c, lists[1]![i]!, lists[2]![i]!));
  return [withElements({ dtype, shape }, elements)];
};

function castElements(site: Site, dtype: DType): Dim[] | undefined {
  const elements = elementsOf(site, 0);
  if (dtype === 'bool')
    return elements?.every((e) => typeof e === 'number') ? elements.map((e) => Number(e !== 0)) : undefined;
  const toInteger = isFloat(typeOf(site, 0).dtype) && !isFloat(dtype);
  return toInteger ? elements?.map(wholeElement(Math.trunc)) : elements?.slice();
}

function cast(site: Site, dtype: DType) {
  return [withElements({ dtype, shape: typeOf(site, 0).shape }, castElements(site, dtype))];
}

const inferCast: InferenceRule = (site) => {
  const code = intAttr(site.node, 'to');
  const dtype = dtypeOfCode(code);
  if (!dtype) throw new GraphError(`Element type ${code} is not supported`, { node: site.node });
  return cast(site, dtype);
};

const inferCastLike: InferenceRule = (site) => cast(site, typeOf(site, 1).dtype);

const inferDropout: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  return [
    { dtype, shape },
    { dtype: 'bool', shape },
  ];
};

const inferIdentity: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  return [withElements({ dtype, shape }, elementsOf(site, 0))];
};

const SAME = [
  'Relu LeakyRelu HardSwish HardSigmoid Sigmoid Tanh Erf Gelu Elu Selu Celu Softplus Softsign ThresholdedRelu',
  'Mish Shrink Exp Log Reciprocal Sign Round Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Clip',
].join(' ');

const each = (names: string, rule: InferenceRule): Record<string, InferenceRule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

export const elementwiseInference: Readonly<Record<string, InferenceRule>> = {
  ...each(SAME, sameAsFirst),
  ...each('Neg Abs Floor Ceil Sqrt Not', inferUnary),
  ...each('Add Sub Mul Div Mod', inferBinary('same')),
  ...each('Equal Greater Less GreaterOrEqual LessOrEqual And Or Xor', inferBinary('bool')),
  ...each('Min Max Mean Sum', inferVariadic),
  ...each('IsNaN IsInf', inferTest),
  Pow: inferPow,
  PRelu: inferPRelu,
  Where: inferWhere,
  Cast: inferCast,
  CastLike: inferCastLike,
  Dropout: inferDropout,
  Identity: inferIdentity,
};
