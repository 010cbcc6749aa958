import type { Graph } from './ir.ts';

/**
 * Replaces nodes whose inputs are all constant (or whose integer value is fully known from shapes) by
 * initializers, drops Identity and inference Dropout, then removes dead nodes and unused initializers.
 * Targets of Reshape with one symbolic extent become constants with -1. A result of more than `limit`
 * elements (default 1e6) is folded only when it is no larger than its inputs. The graph's output names stay.
 * Runs `inferShapes` as it goes; works in place.
 */
export function foldConstants(_graph: Graph, _options: { limit?: number } = {}): void {}

/** Removes nodes of which no output is used, and initializers that nothing reads; in place. */
export function removeDeadNodes(_graph: Graph): void {}
