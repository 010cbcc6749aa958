import { intAttr } from '../attributes.ts';
import { addDims, divDims, mulDims, unknownDim } from '../dims.ts';
import { GraphError } from '../errors.ts';
import type { Dim, Node } from '../ir.ts';
import { isInteger } from '../tensors.ts';
import { unifyDims } from './broadcast.ts';
import {
  elementsOf,
  expectRank,
  hasInput,
  type InferenceRule,
  integersOf,
  type Site,
  sameAsFirst,
  shapeOf,
  shapeText,
  typeOf,
  unknownShape,
  withElements,
  wrapAxes,
  wrapAxis,
} from './inputs.ts';

/** Joining, cutting, padding and repeating. */

/** Elements of a small integer vector, with an unknown for each when only their number is known. */
function elementsOrUnknowns(site: Site, index: number): readonly Dim[] | undefined {
  const elements = elementsOf(site, index);
  if (elements) return elements;
  const { dtype, shape } = typeOf(site, index);
  const length = shape?.length === 1 ? shape[0] : undefined;
  if (!isInteger(dtype) || typeof length !== 'number' || length > 64) return undefined;
  return unknownShape(length);
}

const inferConcat: InferenceRule = (site) => {
  const { node } = site;
  const types = node.inputs.map((_, i) => typeOf(site, i));
  const { dtype } = types[0]!;
  const known = types.flatMap(({ shape }) => (shape ? [shape] : []));
  if (known.length === 0) return [{ dtype, shape: null }];
  const rank = known[0]!.length;
  const axis = wrapAxis(node, intAttr(node, 'axis'), rank);
  for (const shape of known) expectRank(node, shape, rank);
  const whole = known.length === types.length;
  const result = known.reduce((a, b) =>
    a.map((extent, i) => {
      if (i === axis) return addDims(extent, b[i]!) ?? unknownDim();
      return unifyDims(node, extent, b[i]!, `Extents along axis ${i}`);
    }),
  );
  const shape = result.map((extent, i) => (i === axis && !whole ? unknownDim() : extent));
  if (rank !== 1) return [{ dtype, shape }];
  const parts = types.map((_, i) => elementsOrUnknowns(site, i));
  const elements = parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  return [withElements({ dtype, shape }, elements)];
};

/** Extents of the parts that `Split` makes of a numeric extent without sizes: the last may be smaller. */
export function evenParts(node: Node, extent: number, count: number): number[] {
  const size = Math.ceil(extent / count);
  const parts = Array.from({ length: count }, (_, i) => Math.min(size, extent - i * size));
  if (parts.some((part) => part < 0)) throw new GraphError(`${extent} can't be split in ${count}`, { node });
  return parts;
}

const inferSplit: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  const count = node.outputs.length;
  if (!shape) return node.outputs.map(() => ({ dtype, shape: null }));
  const axis = wrapAxis(node, intAttr(node, 'axis', 0), shape.length);
  const extent = shape[axis]!;
  let parts: Dim[];
  if (hasInput(site, 1)) {
    parts = [...(elementsOf(site, 1) ?? unknownShape(count))];
    const sum = parts.reduce<Dim | undefined>((a, b) => (a === undefined ? a : addDims(a, b)), 0);
    if (sum !== undefined) unifyDims(node, sum, extent, 'The sum of the parts and the extent that is split');
  } else if (typeof extent === 'number') {
    parts = evenParts(node, extent, intAttr(node, 'num_outputs', count));
  } else {
    parts = Array.from({ length: count }, () => divDims(extent, count) ?? unknownDim());
  }
  if (parts.length < count) throw new GraphError(`${parts.length} parts for ${count} outputs`, { node });
  return parts.map((part) => ({ dtype, shape: shape.map((e, i) => (i === axis ? part : e)) }));
};

/** First index and number of elements of a slice of `extent` elements, as ONNX clamps them. */
export function sliceRange(
  extent: number,
  start: number,
  end: number,
  step: number,
): { start: number; count: number } {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? extent : extent - 1;
  const clamp = (index: number) => Math.min(Math.max(index < 0 ? index + extent : index, low), high);
  const from = Math.max(clamp(start), 0);
  const to = clamp(end);
  return { start: from, count: Math.max(0, Math.ceil((to - clamp(start)) / step)) };
}

/** Beyond any extent: exporters write the largest 32- or 64-bit integer for 'to the end'. */
const TO_THE_END = 2 ** 31 - 1;

function slicedExtent(extent: Dim, start: Dim, end: Dim, step: Dim): Dim {
  if (typeof step !== 'number' || typeof start !== 'number') return unknownDim();
  if (typeof extent === 'number' && typeof end === 'number')
    return sliceRange(extent, start, end, step).count;
  if (step === 1 && start === 0 && (end === extent || (typeof end === 'number' && end >= TO_THE_END)))
    return extent;
  const reversed = step === -1 && start === -1 && typeof end === 'number' && end <= -TO_THE_END;
  return reversed ? extent : unknownDim();
}

const inferSlice: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) return [{ dtype, shape: null }];
  const count = shapeOf(site, 1)?.[0];
  const starts = elementsOf(site, 1) ?? unknownShape(typeof count === 'number' ? count : shape.length);
  const ends = elementsOf(site, 2) ?? unknownShape(starts.length);
  const axes = hasInput(site, 3) ? integersOf(site, 3) : starts.map((_, i) => i);
  const steps = hasInput(site, 4) ? elementsOf(site, 4) : starts.map(() => 1);
  if (!axes || !steps) return [{ dtype, shape: unknownShape(shape.length) }];
  if (steps.includes(0)) throw new GraphError('A slice can not have step 0', { node });
  const result = [...shape];
  wrapAxes(node, axes, shape.length).forEach((axis, i) => {
    result[axis] = slicedExtent(shape[axis]!, starts[i]!, ends[i]!, steps[i]!);
  });
  return [withElements({ dtype, shape: result }, slicedElements(site, starts[0], ends[0], steps[0]))];
};

function slicedElements(site: Site, start?: Dim, end?: Dim, step?: Dim): Dim[] | undefined {
  const elements = elementsOf(site, 0);
  if (!elements || shapeOf(site, 0)?.length !== 1) return undefined;
  if (typeof start !== 'number' || typeof end !== 'number' || typeof step !== 'number') return undefined;
  const range = sliceRange(elements.length, start, end, step);
  return Array.from({ length: range.count }, (_, i) => elements[range.start + i * step]!);
}

const inferPad: InferenceRule = (site) => {
  const { node } = site;
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) return [{ dtype, shape: null }];
  const axes = hasInput(site, 3) ? integersOf(site, 3) : shape.map((_, axis) => axis);
  if (!axes) return [{ dtype, shape: unknownShape(shape.length) }];
  const pads = elementsOf(site, 1) ?? unknownShape(2 * axes.length);
  if (pads.length !== 2 * axes.length) {
    throw new GraphError(`${pads.length} pads for ${axes.length} axes`, { node });
  }
  const result = [...shape];
  wrapAxes(node, axes, shape.length).forEach((axis, i) => {
    const both = addDims(pads[i]!, pads[i + axes.length]!) ?? unknownDim();
    const extent = addDims(shape[axis]!, both) ?? unknownDim();
    if (typeof extent === 'number' && extent < 0)
      throw new GraphError('The pads cut away more than there is', { node });
    result[axis] = extent;
  });
  return [{ dtype, shape: result }];
};

const inferTile: InferenceRule = (site) => {
  const { dtype, shape } = typeOf(site, 0);
  if (!shape) return [{ dtype, shape: null }];
  const repeats = elementsOf(site, 1);
  if (!repeats) return [{ dtype, shape: unknownShape(shape.length) }];
  if (repeats.length !== shape.length) {
    throw new GraphError(`${repeats.length} repeats for shape ${shapeText(shape)}`, { node: site.node });
  }
  return [{ dtype, shape: shape.map((extent, axis) => mulDims(extent, repeats[axis]!)) }];
};

function blocks(toSpace: boolean): InferenceRule {
  return (site) => {
    const { node } = site;
    const { dtype, shape } = typeOf(site, 0);
    expectRank(node, shape, 4);
    if (!shape) return [{ dtype, shape: unknownShape(4) }];
    const size = intAttr(node, 'blocksize');
    const [n, c, h, w] = shape as [Dim, Dim, Dim, Dim];
    const shrink = (extent: Dim, by: number): Dim => {
      const part = divDims(extent, by);
      if (part === undefined && typeof extent === 'number') {
        throw new GraphError(`An extent of ${extent} does not divide into blocks of ${by}`, { node });
      }
      return part ?? unknownDim();
    };
    if (toSpace) return [{ dtype, shape: [n, shrink(c, size * size), mulDims(h, size), mulDims(w, size)] }];
    return [{ dtype, shape: [n, mulDims(c, size * size), shrink(h, size), shrink(w, size)] }];
  };
}

export const movementInference: Readonly<Record<string, InferenceRule>> = {
  Concat: inferConcat,
  Split: inferSplit,
  Slice: inferSlice,
  Pad: inferPad,
  Tile: inferTile,
  DepthToSpace: blocks(true),
  SpaceToDepth: blocks(false),
  Trilu: sameAsFirst,
};
