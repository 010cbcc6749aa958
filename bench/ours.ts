import { differentiate, FEEDS } from '../lab/autodiff/index.ts';
import { foldConstants } from '../lab/graph/fold.ts';
import { readModelFile, writeModel } from '../lab/graph/index.ts';
import type { Tensor } from '../lab/graph/ir.ts';
import { createRuntime, type Session } from '../lab/runtime/index.ts';

/** Our side: the forward graph and the graph of the input gradient, each in a session. */
export interface Ours {
  readonly provider: string;
  /** Shape of the input; 0 stands for a free extent. */
  readonly inputShape: readonly number[];
  forward(x: Tensor): Promise<void>;
  /** d(mean cross-entropy)/dx, in the layout of x. */
  gradient(x: Tensor, labels: Int32Array): Promise<Tensor>;
  close(): Promise<void>;
}

/**
 * @param path an ONNX file with one input, N×3×S×S, and one output, N×classes.
 * @param profilePrefix where ONNX Runtime writes a profile of the gradient's session, on `close`.
 */
export async function openOurs(path: string, threads: number, profilePrefix?: string): Promise<Ours> {
  const runtime = await createRuntime({ providers: ['cpu'], threads });
  const graph = await readModelFile(path);
  foldConstants(graph);
  const [input] = graph.inputs;
  if (!input) throw new Error(`${path} has no input`);
  const derived = differentiate(graph, { loss: { kind: 'cross-entropy' }, wrt: [input.name] });
  foldConstants(derived.graph);
  const output = derived.gradients.get(input.name)!;
  const forward = await runtime.load(writeModel(graph));
  const backward = await runtime.load(writeModel(derived.graph), profilePrefix ? { profilePrefix } : {});
  return {
    provider: runtime.provider.description,
    inputShape: (input.shape ?? []).map((extent) => (typeof extent === 'number' ? extent : 0)),
    forward: async (x) => {
      await forward.run({ [input.name]: x });
    },
    gradient: (x, labels) => gradient(backward, { [input.name]: x, ...lossFeeds(labels) }, output),
    close: async () => {
      await backward.release();
      await runtime.close();
    },
  };
}

function lossFeeds(labels: Int32Array): Record<string, Tensor> {
  const dims = [labels.length];
  return {
    [FEEDS.labels]: { dtype: 'int32', dims, data: labels },
    [FEEDS.weights]: {
      dtype: 'float32',
      dims,
      data: new Float32Array(labels.length).fill(1 / labels.length),
    },
  };
}

async function gradient(session: Session, feeds: Record<string, Tensor>, output: string): Promise<Tensor> {
  const result = await session.run(feeds, { fetches: [output] });
  return result[output]!;
}
