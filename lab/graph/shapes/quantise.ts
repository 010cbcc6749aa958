import { intAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { DType, Node } from '../ir.ts';
import { dtypeOfCode } from '../tensors.ts';
import { unifyDims } from './broadcast.ts';
import { hasInput, type InferenceRule, type Site, typeOf, wrapAxis } from './inputs.ts';

/** Quantisation: per tensor (a scalar scale) or per axis (a scale for each index along `axis`). */

function checkScale(site: Site): void {
  const { node } = site;
  if (intAttr(node, 'block_size', 0) !== 0)
    throw new GraphError('Blocked quantisation is not supported', { node });
  const x = typeOf(site, 0).shape;
  const scale = typeOf(site, 1).shape;
  if (!x || !scale || scale.length === 0 || scale[0] === 1) return;
  if (scale.length > 1) throw new GraphError('The scale must be a scalar or a vector', { node });
  const axis = wrapAxis(node, intAttr(node, 'axis', 1), x.length);
  unifyDims(node, x[axis]!, scale[0]!, `Extents of scale and input along axis ${axis}`);
}

/** The type that `QuantizeLinear` makes: its zero point's, `output_dtype`'s, or uint8. */
export function quantisedType(node: Node, zeroPoint: DType | undefined): DType {
  if (zeroPoint) return zeroPoint;
  const code = intAttr(node, 'output_dtype', 0);
  if (code === 0) return 'uint8';
  const dtype = dtypeOfCode(code);
  if (!dtype) throw new GraphError(`Element type ${code} is not supported`, { node });
  return dtype;
}

const inferQuantize: InferenceRule = (site) => {
  checkScale(site);
  const zeroPoint = hasInput(site, 2) ? typeOf(site, 2).dtype : undefined;
  return [{ dtype: quantisedType(site.node, zeroPoint), shape: typeOf(site, 0).shape }];
};

const inferDequantize: InferenceRule = (site) => {
  checkScale(site);
  return [{ dtype: typeOf(site, 1).dtype, shape: typeOf(site, 0).shape }];
};

const inferDynamic: InferenceRule = (site) => {
  const { shape } = typeOf(site, 0);
  return [
    { dtype: 'uint8', shape },
    { dtype: 'float32', shape: [] },
    { dtype: 'uint8', shape: [] },
  ];
};

export const quantiseInference: Readonly<Record<string, InferenceRule>> = {
  QuantizeLinear: inferQuantize,
  DequantizeLinear: inferDequantize,
  DynamicQuantizeLinear: inferDynamic,
};
