/**
 * The one contract that every host serves and the renderer calls, with the client that calls it.
 * Runs in a browser: nothing here or in `api/` may need Node. `serve.ts` is the other end.
 */

export { connectLab, type LabClient } from './api/client.ts';
export type * from './api/contract.ts';
export { type MethodName, methodNames } from './api/contract.ts';
export { type Channel, LabError, socketChannel } from './api/wire.ts';
