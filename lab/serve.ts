import { HalftoneError } from '@halftone/sdk/errors';
import { createBirpc } from 'birpc';
import { type LabApi, type MethodName, requestSchemas } from './api/contract.ts';
import { type Channel, pack, unpack } from './api/wire.ts';
import { parseWith } from './data/schema.ts';

type Handlers = Record<string, (request: unknown) => Promise<unknown>>;

/**
 * Answers the calls that come through a channel with this lab. Requests are parsed by the contract's schemas;
 * messages that are none are dropped. Gives back the way to stop.
 */
export function serveLab(lab: LabApi, channel: Channel): { close(): void } {
  const handlers = handlersOf(lab);
  const rpc = createBirpc<object, Handlers>(handlers, {
    post: (message) => channel.post(message),
    on: (listener) => channel.on(listener),
    serialize: pack,
    deserialize: unpack,
    // Only own names: 'constructor' and its like are on every object.
    resolver: (name) => (Object.hasOwn(handlers, name) ? handlers[name] : unknownMethod(name)),
    // The channel may close while a call runs; its answer has no reader then.
    onGeneralError: () => true,
  });
  return { close: () => rpc.$close() };
}

function handlersOf(lab: LabApi): Handlers {
  const handlers: Handlers = {};
  for (const name of Object.keys(requestSchemas) as MethodName[]) {
    handlers[name] = async (request) => {
      const checked = parseWith<unknown>(requestSchemas[name], request, name, 'bad-argument');
      const method = lab[name] as (request: unknown) => Promise<unknown>;
      return method.call(lab, checked);
    };
  }
  return handlers;
}

function unknownMethod(name: string): () => never {
  return () => {
    throw new HalftoneError('bad-argument', `the lab has no method '${name.slice(0, 100)}'`);
  };
}
