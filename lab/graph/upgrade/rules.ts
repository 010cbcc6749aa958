import { floatAttr, intAttr, intsAttr, stringAttr } from '../attributes.ts';
import { GraphError } from '../errors.ts';
import type { Attribute, Node } from '../ir.ts';
import { resizeFrom10, resizeFrom11 } from './resize.ts';
import type { Site } from './site.ts';

/**
 * Rewrites a node into the form that its operator got at some version, adding what it needs before it.
 * The node returned stands in its place and keeps its outputs.
 */
export type Rule = (node: Node, site: Site) => Node;

function without(node: Node, ...names: string[]): Node['attributes'] {
  return Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name)));
}

function withAttribute(node: Node, name: string, value: Attribute): Node {
  return { ...node, attributes: { ...node.attributes, [name]: value } };
}

/** The attribute `name`, a list of integers, becomes the second input; absent or empty, there is none. */
function listToInput(name: string): Rule {
  return (node, site) => {
    const values = intsAttr(node, name, []);
    const inputs = values.length === 0 ? [node.inputs[0]] : [node.inputs[0], site.longs(values, name)];
    return { ...node, inputs, attributes: without(node, name) };
  };
}

const axesToInput = listToInput('axes');

const clip: Rule = (node, site) => {
  const bound = (name: string) => {
    const value = floatAttr(node, name, undefined);
    return value === undefined ? '' : site.scalar(value, name);
  };
  const [min, max] = [bound('min'), bound('max')];
  const bounds = max === '' ? (min === '' ? [] : [min]) : [min, max];
  return { ...node, inputs: [node.inputs[0], ...bounds], attributes: without(node, 'min', 'max') };
};

const slice: Rule = (node, site) => {
  const lists = ['starts', 'ends', 'axes'].filter((name) => node.attributes[name] !== undefined);
  const inputs = [node.inputs[0], ...lists.map((name) => site.longs(intsAttr(node, name), name))];
  if (inputs.length < 3) throw new GraphError("Attributes 'starts' and 'ends' are missing", { node });
  return { ...node, inputs, attributes: without(node, 'starts', 'ends', 'axes') };
};

const pad: Rule = (node, site) => {
  const value = floatAttr(node, 'value', 0);
  const pads = site.longs(intsAttr(node, 'pads'), 'pads');
  const constant = value === 0 ? [] : [site.scalar(value, 'value')];
  return { ...node, inputs: [node.inputs[0], pads, ...constant], attributes: without(node, 'pads', 'value') };
};

const topK: Rule = (node, site) => ({
  ...node,
  inputs: [node.inputs[0], site.longs([intAttr(node, 'k')], 'k')],
  attributes: without(node, 'k'),
});

/** From 18 on, a Split without sizes says into how many. */
const splitCount: Rule = (node) => {
  if (node.inputs[1]) return node;
  return withAttribute(node, 'num_outputs', { type: 'int', value: node.outputs.length });
};

/** Inference form: the ratio is kept for the record. Before 10 the mask was of the data's type. */
const dropout: Rule = (node, site) => ({
  ...node,
  inputs: [node.inputs[0], site.scalar(floatAttr(node, 'ratio', 0.5), 'ratio')],
  attributes: without(node, 'ratio'),
});

const dropoutMask: Rule = (node, site) => {
  if (site.isUsed(node.outputs[1] ?? '')) {
    throw new GraphError('The mask of this Dropout is read; export the model in inference mode', { node });
  }
  return { ...node, outputs: node.outputs.slice(0, 1) };
};

/** Before 14, more than one output meant training mode, and two more outputs helped the backward pass. */
const batchNormalization: Rule = (node, site) => {
  const extra = node.outputs.slice(1);
  if (extra.slice(2).some((output) => site.isUsed(output))) {
    throw new GraphError('The saved statistics of this node are read, which is not supported', { node });
  }
  if (extra.every((output) => output === '')) return { ...node, outputs: node.outputs.slice(0, 1) };
  const training = withAttribute(node, 'training_mode', { type: 'int', value: 1 });
  return { ...training, outputs: node.outputs.slice(0, 3) };
};

/**
 * Before 13, Softmax and its like saw their input as a matrix whose rows begin at `axis` (default 1), and
 * normalised whole rows. Along the last axis that is today's meaning; elsewhere the matrix is spelled out.
 */
const rowsToAxis: Rule = (node, site) => {
  const [input] = node.inputs;
  const axis = intAttr(node, 'axis', 1);
  const last: Attribute = { type: 'int', value: -1 };
  if (axis === -1 || axis + 1 === site.rankOf(input)) return withAttribute(node, 'axis', last);
  const rows = site.add('Flatten', [input], { axis: { type: 'int', value: axis } });
  const result = site.add(node.op, [rows], { axis: last });
  const shape = site.add('Shape', [input]);
  return { ...node, op: 'Reshape', inputs: [result, shape], attributes: {} };
};

/** Before 21, scale and bias held one value a group instead of one a channel: repeat them. */
const groupNormalization: Rule = (node, site) => {
  const [input, ...parameters] = node.inputs;
  const groups = site.longs([intAttr(node, 'num_groups')], 'num_groups');
  const start: Attribute = { type: 'int', value: 1 };
  const channels = site.add('Shape', [input], { start, end: { type: 'int', value: 2 } });
  const repeats = site.add('Div', [channels, groups]);
  const target = site.add('Concat', [groups, repeats], { axis: { type: 'int', value: 0 } });
  const column = site.longs([-1, 1], 'column');
  const perChannel = parameters.map((parameter) => {
    const expanded = site.add('Expand', [site.add('Reshape', [parameter, column]), target]);
    return site.add('Reshape', [expanded, channels]);
  });
  return { ...node, inputs: [input, ...perChannel] };
};

const GRID_MODES: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' };

const gridSample: Rule = (node) => {
  const mode = stringAttr(node, 'mode', 'bilinear');
  return withAttribute(node, 'mode', { type: 'string', value: GRID_MODES[mode] ?? mode });
};

const roiAlign: Rule = (node) =>
  withAttribute(node, 'coordinate_transformation_mode', { type: 'string', value: 'output_half_pixel' });

const dft: Rule = (node, site) => {
  const data = BigInt64Array.of(BigInt(intAttr(node, 'axis', 1)));
  const axis = site.constant({ dtype: 'int64', dims: [], data }, 'axis');
  return { ...node, inputs: [node.inputs[0], node.inputs[1] ?? '', axis], attributes: without(node, 'axis') };
};

function rename(op: string): Rule {
  return (node) => ({ ...node, op });
}

/**
 * The changes of form between opsets 9 and 21, from the ONNX changelog: by operator, then by the version that
 * brought the new form. Versions that only added element types, negative axes, or an input or attribute whose
 * absence means the old behaviour need no rule.
 */
export const RULES: Readonly<Record<string, Readonly<Record<number, Rule>>>> = {
  BatchNormalization: { 14: batchNormalization },
  Clip: { 11: clip },
  DFT: { 20: dft },
  Dropout: { 10: dropoutMask, 12: dropout },
  GridSample: { 20: gridSample },
  GroupNormalization: { 21: groupNormalization },
  Hardmax: { 13: rowsToAxis },
  LogSoftmax: { 13: rowsToAxis },
  Pad: { 11: pad },
  ReduceL1: { 18: axesToInput },
  ReduceL2: { 18: axesToInput },
  ReduceLogSum: { 18: axesToInput },
  ReduceLogSumExp: { 18: axesToInput },
  ReduceMax: { 18: axesToInput },
  ReduceMean: { 18: axesToInput },
  ReduceMin: { 18: axesToInput },
  ReduceProd: { 18: axesToInput },
  ReduceSum: { 13: axesToInput },
  ReduceSumSquare: { 18: axesToInput },
  Resize: { 11: resizeFrom10, 13: resizeFrom11 },
  RoiAlign: { 16: roiAlign },
  Scatter: { 11: rename('ScatterElements') },
  Slice: { 10: slice },
  Softmax: { 13: rowsToAxis },
  Split: { 13: listToInput('split'), 18: splitCount },
  Squeeze: { 13: axesToInput },
  TopK: { 10: topK },
  Unsqueeze: { 13: axesToInput },
  Upsample: { 10: rename('Resize') },
};
