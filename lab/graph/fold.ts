import { isStatic } from './dims.ts';
import { canEvaluateNode, evaluateNode } from './evaluate/index.ts';
import { isNoOp } from './folding/no-op.ts';
import { withConstantTarget } from './folding/targets.ts';
import type { Graph, Node, Tensor } from './ir.ts';
import {
  type GraphContext,
  graphContext,
  type InferredOutput,
  inferShapes,
  knownValue,
} from './shapes/index.ts';
import { elementCount } from './tensors.ts';

export interface FoldOptions {
  /** Largest result, in elements, that may exceed its inputs; default 1e6. */
  readonly limit?: number;
  /** Initializers that are not constant, such as weights to be trained: nothing that reads them is folded. */
  readonly keep?: Iterable<string>;
}

/**
 * Replaces nodes whose inputs are all constant (or whose integer value is fully known from shapes) by
 * initializers; turns targets of Reshape, Slice and Resize that hold a symbolic extent into constants where the
 * operator has a word for it (-1, to the end, a scale of 1); drops Identity, inference Dropout and what else
 * changes nothing; then removes dead nodes and unused initializers. A result of more than `limit` elements is
 * folded only when it is no larger than the inputs. The names of the graph's outputs stay. Works in place and
 * leaves `graph.types` filled.
 *
 * @throws GraphError for an operator that we don't know, and for shapes that contradict each other.
 */
export function foldConstants(graph: Graph, options: FoldOptions = {}): void {
  const pass: Pass = {
    graph,
    context: graphContext(graph),
    limit: options.limit ?? 1e6,
    variables: new Set(options.keep),
    outputs: new Set(graph.outputs.map(({ name }) => name)),
    renamed: new Map(),
  };
  graph.nodes = graph.nodes.flatMap((node) => foldNode(pass, node));
  removeDeadNodes(graph);
  inferShapes(graph);
}

interface Pass {
  readonly graph: Graph;
  readonly context: GraphContext;
  readonly limit: number;
  readonly variables: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  /** Values of dropped nodes, by the value that stands for them. */
  readonly renamed: Map<string, string>;
}

/** What becomes of a node: nothing, itself, or a simpler form. */
function foldNode(pass: Pass, original: Node): Node[] {
  const { context, renamed } = pass;
  const inputs = original.inputs.map((name) => renamed.get(name) ?? name);
  const node: Node = { ...original, inputs };
  const inferred = context.add(node);
  const free = node.outputs.every((name) => !pass.outputs.has(name));
  // A no-op comes first: the value of a shared weight then stays one initializer.
  if (free && isNoOp(node, context) && !usesSecondOutput(pass.graph, node)) {
    renamed.set(node.outputs[0]!, inputs[0]!);
    return [];
  }
  const constants = free ? constantOutputs(pass, node, inferred) : undefined;
  if (constants) {
    node.outputs.forEach((name, i) => {
      if (name !== '') pass.graph.initializers.set(name, constants[i]!);
    });
    return [];
  }
  return [withConstantTarget(node, context, (tensor) => addInitializer(pass.graph, node, tensor))];
}

function usesSecondOutput(graph: Graph, node: Node): boolean {
  const second = node.outputs[1] ?? '';
  return second !== '' && graph.nodes.some(({ inputs }) => inputs.includes(second));
}

function addInitializer(graph: Graph, node: Node, tensor: Tensor): string {
  let name = `${node.outputs[0]}/target`;
  while (graph.initializers.has(name) || graph.types.has(name)) name += '_';
  graph.initializers.set(name, tensor);
  graph.types.set(name, { dtype: tensor.dtype, shape: tensor.dims });
  return name;
}

/** The values of a node's outputs when they are constant and not too large. */
function constantOutputs(pass: Pass, node: Node, inferred: readonly InferredOutput[]): Tensor[] | undefined {
  const fromShapes = inferred.map(knownValue);
  if (fromShapes.every((tensor) => tensor !== undefined)) return fromShapes;
  const { initializers } = pass.graph;
  const inputs = node.inputs.map((name) => (pass.variables.has(name) ? undefined : initializers.get(name)));
  if (inputs.some((tensor, i) => tensor === undefined && node.inputs[i] !== '')) return undefined;
  if (!canEvaluateNode(node)) return undefined;
  const before = inputs.reduce((sum, tensor) => sum + (tensor?.data.length ?? 0), 0);
  const after = inferred.reduce((sum, { shape }) => sum + (isStatic(shape) ? elementCount(shape) : 0), 0);
  if (after > pass.limit && after > before) return undefined;
  return evaluateNode(node, inputs);
}

/** Removes nodes of which no output is used, and initializers that nothing reads; in place. */
export function removeDeadNodes(graph: Graph): void {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== '' && needed.has(name))) continue;
    kept.push(node);
    for (const name of node.inputs) needed.add(name);
  }
  graph.nodes = kept.reverse();
  for (const name of [...graph.initializers.keys()]) if (!needed.has(name)) graph.initializers.delete(name);
  const present = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  for (const name of [...graph.types.keys()]) if (!present.has(name)) graph.types.delete(name);
}
