import { intsAttr, stringAttr } from '../attributes.ts';
import { mulDims, unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Dim, Node } from '../ir.ts';
import {
  constantNumbers,
  elementsOf,
  hasInput,
  type InferenceRule,
  typeOf,
  unknownShape,
  wrapAxes,
} from './inputs.ts';

/** Resize: extents from scales or sizes (inputs 2 and 3), for all axes or those that `axes` names. */

/** The axes that a Resize works on. */
export function resizeAxes(node: Node, rank: number): number[] {
  const every = Array.from({ length: rank }, (_, axis) => axis);
  return wrapAxes(node, intsAttr(node, 'axes', every), rank);
}

/** What an extent becomes at a scale. */
export function scaledExtent(extent: Dim, scale: number): Dim {
  if (typeof extent === 'number') return Math.floor(extent * scale);
  return Number.isInteger(scale) ? mulDims(extent, scale) : unknownDim();
}

/** Sizes after `keep_aspect_ratio_policy`: one scale for all axes, the smallest or largest asked for. */
export function aspectSizes(node: Node, extents: readonly Dim[], sizes: readonly Dim[]): Dim[] {
  const policy = stringAttr(node, 'keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return [...sizes];
  const ratios = extents.map((extent, i) => {
    const size = sizes[i]!;
    return typeof extent === 'number' && typeof size === 'number' ? size / extent : Number.NaN;
  });
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  if (Number.isNaN(scale)) return unknownShape(sizes.length);
  return extents.map((extent) => Math.round((extent as number) * scale));
}

export const inferResize: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) return [{ dtype, shape: null }];
  const axes = resizeAxes(node, shape.length);
  const result = [...shape];
  const put = (extents: readonly Dim[]) => {
    if (extents.length !== axes.length) {
      throw new GraphError(`${extents.length} scales or sizes for ${axes.length} axes`, { node });
    }
    axes.forEach((axis, i) => {
      result[axis] = extents[i]!;
    });
  };
  const extents = axes.map((axis) => shape[axis]!);
  if (hasInput(site, 3)) {
    const sizes = elementsOf(site, 3);
    put(sizes ? aspectSizes(node, extents, sizes) : unknownShape(axes.length));
  } else {
    const scales = elementsOf(site, 2) ?? constantNumbers(site, 2);
    const known = scales?.every((s) => typeof s === 'number');
    if (known && scales!.length !== axes.length) put(scales!);
    put(known ? extents.map((e, i) => scaledExtent(e, scales![i] as number)) : unknownShape(axes.length));
  }
  return [{ dtype, shape: result }];
};
