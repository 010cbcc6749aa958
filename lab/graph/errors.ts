import { type ErrorCode, HalftoneError } from '@halftone/sdk/errors';
import type { Node } from './ir.ts';

/** A graph that can't be read or handled; says where in it. */
export class GraphError extends HalftoneError {
  /** Operator type, when a node is to blame. */
  readonly op: string | undefined;
  /** Name of that node. */
  readonly node: string | undefined;

  constructor(message: string, where?: { node?: Node; code?: ErrorCode; cause?: unknown }) {
    const node = where?.node;
    const place = node
      ? ` (operator ${node.domain ? `${node.domain}.` : ''}${node.op}, node '${node.name}')`
      : '';
    super(where?.code ?? 'bad-graph', message + place, { cause: where?.cause });
    this.name = 'GraphError';
    this.op = node?.op;
    this.node = node?.name;
  }
}
