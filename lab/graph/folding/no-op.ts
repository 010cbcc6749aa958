import { intsAttr } from '../attributes.ts';
import type { Dim, Node } from '../ir.ts';
import type { InferenceContext } from '../shapes/context.ts';
import { numbersOf } from '../tensors.ts';

function sameShape(a: readonly Dim[] | null | undefined, b: readonly Dim[] | null | undefined): boolean {
  return !!a && !!b && a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Constant and zero everywhere? */
function isZero(name: string | undefined, context: InferenceContext): boolean {
  const tensor = name ? context.constant(name) : undefined;
  return tensor !== undefined && numbersOf(tensor).every((v: number) => v === 0);
}

/** Does the node's first output equal its first input, whatever that is? Its types are inferred already. */
export function isNoOp(node: Node, context: InferenceContext): boolean {
  if (node.domain !== '') return false;
  const x = context.type(node.inputs[0]!);
  const y = context.type(node.outputs[0]!);
  switch (node.op) {
    case 'Identity':
      return true;
    case 'Dropout':
      // Without `training_mode`, or with a false one, or at ratio 0, it passes its input on.
      return (
        (node.inputs[2] ?? '') === '' || isZero(node.inputs[2], context) || isZero(node.inputs[1], context)
      );
    case 'Reshape':
    case 'Flatten':
    case 'Expand':
      return sameShape(x?.shape, y?.shape);
    case 'Cast':
    case 'CastLike':
      return x !== undefined && x.dtype === y?.dtype;
    case 'Pad':
      return isZero(node.inputs[1], context);
    case 'Concat':
      return node.inputs.length === 1;
    case 'Transpose': {
      const rank = x?.shape?.length ?? 2;
      const perm = intsAttr(node, 'perm', undefined);
      return rank < 2 || (perm?.every((axis, i) => axis === i) ?? false);
    }
    default:
      return false;
  }
}
