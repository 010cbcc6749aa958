import { createBirpc } from 'birpc';
import type { LabApi } from './contract.ts';
import { type Channel, LabError, pack, unpack } from './wire.ts';

/** No call of today's contract takes longer: opening a large model on a slow disk is the slowest. */
const TIMEOUT_MS = 5 * 60_000;

/** The lab at the other end of a channel. */
export interface LabClient {
  readonly lab: LabApi;
  /** The channel is gone: every pending and later call fails with `closed`. */
  close(): void;
}

/** Calls the lab through a channel. Its methods throw `LabError`. */
export function connectLab(channel: Channel): LabClient {
  const rpc = createBirpc<LabApi>(
    {},
    {
      post: (message) => channel.post(message),
      on: (listener) => channel.on(listener),
      serialize: pack,
      deserialize: unpack,
      timeout: TIMEOUT_MS,
      onGeneralError: (error) => error.name === 'HalftoneError',
      onTimeoutError: (method) => {
        throw new LabError(
          'timeout',
          `the lab has not answered '${method}' in ${TIMEOUT_MS / 60_000} minutes`,
        );
      },
    },
  );
  return {
    lab: rpc,
    close: () =>
      rpc.$close(new LabError('closed', 'the connection to the lab was lost; try again once it is back')),
  };
}
