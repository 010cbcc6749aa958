import { HalftoneError } from '@halftone/sdk/errors';
import { GraphBuilder } from '../graph/builder.ts';
import { copyGraph } from '../graph/copy.ts';
import { removeDeadNodes } from '../graph/fold.ts';
import type { Graph } from '../graph/ir.ts';
import { inferShapes } from '../graph/shapes/index.ts';
import { backpropagate } from './backpropagate.ts';
import { addLoss, type Loss } from './loss.ts';
import type { Traits } from './rule.ts';

/** What to differentiate, with respect to what. */
export interface DifferentiateOptions {
  readonly loss: Loss;
  /**
   * Inputs (attacks) or initializers (training). An initializer named here becomes an input of the resulting
   * graph, so that an optimizer can feed new weights.
   */
  readonly wrt: readonly string[];
  /** The value that the loss is of; default: the graph's only output. */
  readonly output?: string;
  /** Default: the CPU provider. */
  readonly traits?: Traits;
}

/** A graph that computes a model's output, its loss and the gradients asked for. */
export interface Differentiated {
  /** Outputs: `output`, `loss`, then the gradients in the order of `wrt`. */
  readonly graph: Graph;
  /** Name of the model's output. */
  readonly output: string;
  /** Name of the N losses, one an image. */
  readonly loss: string;
  /** For each of `wrt`, the output that holds d(Σ weights·loss)/d(it), in its shape. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Derives a graph that also computes gradients. The given graph is left as it is; constants are shared.
 *
 * The scalar that is differentiated is Σₙ wₙ·lossₙ over the images of the batch, w the feed `loss_weights`:
 * ones give each image its own gradient, 1/N the gradient of the mean loss.
 *
 * @throws GraphError naming operator and node where an operator has no gradient, or where nothing leads from
 *   `wrt` to the output; HalftoneError 'bad-argument' for unknown names
 */
export function differentiate(source: Graph, options: DifferentiateOptions): Differentiated {
  const graph = copyGraph(source);
  promoteWeights(graph, options.wrt);
  inferShapes(graph);
  const output = chosenOutput(graph, options.output);
  const b = new GraphBuilder(graph, 'gradient');
  const loss = addLoss(b, output, options.loss);
  const traits = options.traits ?? { target: 'cpu' };
  const gradients = backpropagate(b, new Map([[output, loss.cotangent]]), options.wrt, traits);
  // A gradient may be a value that is an output already, or shared by two of wrt: each gets a name of its own.
  const named = new Map(options.wrt.map((name) => [name, b.add('Identity', [gradients.get(name)!])]));
  const names = [output, loss.perImage, ...named.values()];
  graph.outputs = names.map((name) => ({ name, ...b.type(name) }));
  removeDeadNodes(graph);
  return { graph, output, loss: loss.perImage, gradients: named };
}

function promoteWeights(graph: Graph, wrt: readonly string[]): void {
  for (const name of wrt) {
    const weights = graph.initializers.get(name);
    if (weights) {
      graph.initializers.delete(name);
      graph.inputs.push({ name, dtype: weights.dtype, shape: weights.dims });
    } else if (!graph.inputs.some((input) => input.name === name)) {
      throw new HalftoneError('bad-argument', `the graph has no input or weights named '${name}'`);
    }
  }
}

function chosenOutput(graph: Graph, asked: string | undefined): string {
  if (asked !== undefined) {
    if (graph.types.has(asked)) return asked;
    throw new HalftoneError('bad-argument', `the graph has no value named '${asked}'`);
  }
  if (graph.outputs.length === 1) return graph.outputs[0].name;
  const names = graph.outputs.map((o) => o.name).join(', ');
  throw new HalftoneError(
    'bad-argument',
    `the graph has several outputs (${names}): say which one the loss is of`,
  );
}
