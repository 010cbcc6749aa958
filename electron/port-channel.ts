import type { MessagePortMain } from 'electron';
import type { Channel } from '../lab/api.ts';

/** A port of Electron's as a channel of the lab. It has to be started. */
export function portChannel(port: MessagePortMain): Channel {
  return {
    post: (message) => port.postMessage(message),
    on: (listener) => {
      port.on('message', ({ data }) => listener(data));
    },
  };
}
