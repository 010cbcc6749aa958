export type { InferenceContext, InferredOutput } from './context.ts';
export { type GraphContext, graphContext, inferShapes, knownValue } from './infer-graph.ts';
export { inferNode } from './infer-node.ts';
