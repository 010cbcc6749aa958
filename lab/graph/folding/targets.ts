import { flagAttr, hasAttr, stringAttr } from '../attributes.ts';
import { isStatic } from '../dims.ts';
import type { Dim, Node, Tensor } from '../ir.ts';
import type { InferenceContext } from '../shapes/context.ts';
import { scaledExtent } from '../shapes/resize.ts';
import { int64Vector, numbersOf, tensorOf } from '../tensors.ts';

/** Adds a constant to the graph and returns its name. */
type AddConstant = (tensor: Tensor) => string;

/**
 * The node with its target (of Reshape, Slice, Resize) made constant, when what is known of the shapes allows
 * it; otherwise the node itself. Targets computed at run time are what keeps shape arithmetic alive.
 */
export function withConstantTarget(node: Node, context: InferenceContext, add: AddConstant): Node {
  if (node.domain !== '') return node;
  switch (node.op) {
    case 'Reshape':
      return reshape(node, context, add);
    case 'Slice':
      return slice(node, context, add);
    case 'Resize':
      return resize(node, context, add);
    default:
      return node;
  }
}

function withInput(node: Node, index: number, name: string): Node {
  return { ...node, inputs: node.inputs.map((old, i) => (i === index ? name : old)) };
}

function reshape(node: Node, context: InferenceContext, add: AddConstant): Node {
  const [data, target] = node.inputs as [string, string];
  const input = context.type(data)?.shape;
  const output = context.type(node.outputs[0]!)?.shape;
  if (context.constant(target) || !output || output.includes(0)) return node;
  const symbolic = output.filter((extent) => typeof extent !== 'number').length;
  const copies = symbolic > 1 && !flagAttr(node, 'allowzero', false);
  const constant = output.map((extent, axis) => {
    if (typeof extent === 'number') return extent;
    return copies && input?.[axis] === extent ? 0 : -1;
  });
  if (constant.filter((extent) => extent === -1).length > 1) return node;
  return withInput(node, 1, add(int64Vector(constant)));
}

/** Held to the largest int64: to the end of any axis. */
const TO_THE_END = 2 ** 63;

function slice(node: Node, context: InferenceContext, add: AddConstant): Node {
  const [data, starts, ends, axes = '', steps = ''] = node.inputs as [string, string, string, ...string[]];
  const shape = context.type(data)?.shape;
  const elements = context.shapeValue(ends);
  const from = context.constant(starts);
  if (context.constant(ends) || !shape || !elements || !from) return node;
  const by = steps === '' ? undefined : context.constant(steps);
  const along = axes === '' ? undefined : context.constant(axes);
  if ((steps !== '' && !by) || (axes !== '' && !along)) return node;
  const constant = elements.map((end, i) => {
    if (typeof end === 'number') return end;
    const axis = along ? numbersOf(along)[i]! : i;
    const forward = !by || numbersOf(by)[i]! > 0;
    return forward && shape.at(axis) === end ? TO_THE_END : undefined;
  });
  if (constant.includes(undefined)) return node;
  return withInput(node, 2, add(int64Vector(constant as number[])));
}

/** Scale that makes `to` of `from`, rounded as float32 holds it; undefined when rounding would miss. */
function scaleOf(from: Dim, to: Dim): number | undefined {
  if (from === to) return 1;
  if (typeof from !== 'number' || typeof to !== 'number') return undefined;
  const scale = Math.fround(to / from);
  return scaledExtent(from, scale) === to ? scale : undefined;
}

function resize(node: Node, context: InferenceContext, add: AddConstant): Node {
  const [data, roi = '', , sizes = ''] = node.inputs as [string, ...string[]];
  const input = context.type(data)?.shape;
  const output = context.type(node.outputs[0]!)?.shape;
  const policy = stringAttr(node, 'keep_aspect_ratio_policy', 'stretch');
  if (sizes === '' || context.constant(sizes) || !input || !output || hasAttr(node, 'axes')) return node;
  if (policy !== 'stretch') return node;
  if (isStatic(output)) return withInput(node, 3, add(int64Vector(output)));
  const scales = output.map((to, axis) => scaleOf(input[axis]!, to));
  if (scales.includes(undefined)) return node;
  const name = add(tensorOf('float32', [scales.length], scales as number[]));
  return { ...node, inputs: [data, roi, name] };
}
