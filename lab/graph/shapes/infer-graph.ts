import { isStatic } from '../dims.ts';
import { canEvaluateNode, evaluateNode } from '../evaluate/index.ts';
import type { Dim, Graph, Node, Tensor, ValueType } from '../ir.ts';
import { elementCount, isInteger, tensorOf } from '../tensors.ts';
import type { InferenceContext, InferredOutput } from './context.ts';
import { inferNode } from './infer-node.ts';

/** A context over a graph's types and initializers, to which nodes' outputs are added in order. */
export interface GraphContext extends InferenceContext {
  /** Infers the node and notes its outputs. */
  add(node: Node): InferredOutput[];
}

/** Integer tensors up to this size are followed by value: shapes, pads and masks in the making. */
const LARGEST_FOLLOWED = 1024;

/** The tensor that an integer output is, when inference knows every element. */
export function knownValue({ dtype, shape, shapeValue }: InferredOutput): Tensor | undefined {
  if (!shapeValue || !isStatic(shape) || !isStatic(shapeValue) || !isInteger(dtype)) return undefined;
  return elementCount(shape) === shapeValue.length ? tensorOf(dtype, shape, shapeValue) : undefined;
}

/** The values of small integer outputs of constant inputs, as exporters' pad and index arithmetic has them. */
function evaluated(
  node: Node,
  outputs: readonly InferredOutput[],
  constant: (name: string) => Tensor | undefined,
): Tensor[] | undefined {
  const small = outputs.every(({ dtype, shape }) => {
    return isInteger(dtype) && isStatic(shape) && elementCount(shape) <= LARGEST_FOLLOWED;
  });
  if (!small || !canEvaluateNode(node)) return undefined;
  const inputs = node.inputs.map((name) => (name === '' ? undefined : constant(name)));
  const all = inputs.every(
    (tensor, i) => node.inputs[i] === '' || (tensor && tensor.data.length <= LARGEST_FOLLOWED),
  );
  return all ? evaluateNode(node, inputs) : undefined;
}

/** Starts from the graph's inputs and initializers; notes types in `graph.types`, which it clears first. */
export function graphContext(graph: Graph): GraphContext {
  const { types, initializers } = graph;
  const shapeValues = new Map<string, readonly Dim[]>();
  const constants = new Map<string, Tensor>();
  types.clear();
  for (const { name, dtype, shape } of graph.inputs) types.set(name, { dtype, shape });
  for (const [name, { dtype, dims }] of initializers) types.set(name, { dtype, shape: dims });
  const context: InferenceContext = {
    type: (name): ValueType | undefined => types.get(name),
    constant: (name) => initializers.get(name) ?? constants.get(name),
    shapeValue: (name) => shapeValues.get(name),
  };
  const add = (node: Node): InferredOutput[] => {
    const outputs = inferNode(node, context);
    const known = outputs.map(knownValue);
    const values = known.every((tensor) => tensor) ? known : evaluated(node, outputs, context.constant);
    outputs.forEach(({ dtype, shape, shapeValue }, i) => {
      const name = node.outputs[i]!;
      if (name === '') return;
      types.set(name, { dtype, shape });
      if (shapeValue) shapeValues.set(name, shapeValue);
      if (values?.[i]) constants.set(name, values[i]);
    });
    return outputs;
  };
  return { ...context, add };
}

/**
 * Fills `graph.types` for every value, from inputs, initializers and nodes.
 *
 * @throws GraphError as `inferNode` does.
 */
export function inferShapes(graph: Graph): void {
  const context = graphContext(graph);
  for (const node of graph.nodes) context.add(node);
}
