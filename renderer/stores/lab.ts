import { defineStore } from 'pinia';
import { ref } from 'vue';
import { connectLab, type LabApi, type LabClient } from '../../lab/api.ts';
import { desktopLine } from '../connection/desktop.ts';
import { type OpenLine, Refused } from '../connection/line.ts';
import { webLine } from '../connection/web.ts';

/** `lost` tries again by itself, `refused` needs the person. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 4_000;

/** The line to the lab, kept up. Calls made while it is down wait for it. */
export const useLab = defineStore('lab', () => {
  const state = ref<ConnectionState>('connecting');
  /** Why the lab refuses this page. */
  const refusal = ref('');
  /** How many lines there were: what was read through an older one may be another lab's. */
  const lines = ref(0);
  let client = waitingClient();

  async function keepUp(open: OpenLine): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (state.value !== 'refused') {
      try {
        const line = await open();
        const connected = connectLab(line.channel);
        client.resolve(connected);
        state.value = 'open';
        lines.value += 1;
        retryMs = FIRST_RETRY_MS;
        await line.gone;
        client = waitingClient();
        connected.close();
        state.value = 'lost';
      } catch (error) {
        state.value = error instanceof Refused ? 'refused' : 'lost';
        if (error instanceof Refused) refusal.value = error.message;
        await pause(retryMs);
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
      }
    }
  }

  /** Starts to connect; `token` is the link's, in a browser. */
  function connect(token: string | null): void {
    const bridge = window.halftoneDesktop;
    void keepUp(bridge === undefined ? webLine(token) : desktopLine(bridge));
  }

  /** The lab, once there is a line to it. */
  async function lab(): Promise<LabApi> {
    return notThenable((await client.promise).lab);
  }

  return { state, refusal, lines, connect, lab };
});

function waitingClient() {
  return Promise.withResolvers<LabClient>();
}

/** The RPC's own object answers to every name, `then` among them, and would be awaited as a promise. */
function notThenable(lab: LabApi): LabApi {
  return new Proxy(lab, {
    get: (target, name) => (name === 'then' ? undefined : target[name as keyof LabApi]),
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** What was asked for isn't there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'not-found';
}

/** The line was lost while the lab was asked; with the next line it can be asked again. */
export function isLineLost(error: unknown): boolean {
  return codeOf(error) === 'closed';
}

/** A person called it off. */
export function isCancelled(error: unknown): boolean {
  return codeOf(error) === 'cancelled';
}
