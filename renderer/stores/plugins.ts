import { defineStore } from 'pinia';
import { computed, ref, type ShallowRef, shallowRef } from 'vue';
import type { FetchPluginRequest, LabApi, PluginCandidate, PluginListed } from '../../lab/api.ts';
import { useChoices } from './choices.ts';
import { onTopic } from './jobs.ts';
import { isCancelled, isLineLost, useLab } from './lab.ts';
import { useUndo } from './undo.ts';

/** Plugins that are there, and the one that was fetched and waits for a yes or a no. */
export const usePlugins = defineStore('plugins', () => {
  const error = shallowRef<unknown>();
  const { busy, attempt } = oneAtATime(error);
  return { error, busy, ...listing(error), ...questions(attempt), ...changes(attempt) };
});

/** What is there, with what the plugins' files alone don't tell. */
function listing(error: ShallowRef<unknown>) {
  const lab = useLab();
  const choices = useChoices();
  const read = shallowRef<readonly PluginListed[]>([]);
  const loaded = ref(false);

  onTopic(
    () => 'plugins',
    async () => {
      try {
        read.value = await (await lab.lab()).listPlugins();
        loaded.value = true;
      } catch (cause) {
        if (!isLineLost(cause)) error.value = cause;
      }
    },
  );

  const plugins = computed(() => {
    const { attacks, defenses, channels } = choices;
    const broken = [...attacks.broken, ...defenses.broken, ...channels.broken];
    return read.value.map((listed) => {
      // The built-in ones say it when they are loaded, as their manifests need not.
      const attack = attacks.choices.find(({ name }) => listed.kind === 'attack' && name === listed.id);
      const plugin = attack === undefined ? listed : { ...listed, access: attack.access };
      // A wrong checksum, say, comes to light when one is loaded.
      const found = plugin.origin === 'installed' ? broken.find(({ name }) => name === plugin.id) : undefined;
      const problem = plugin.problem ?? (plugin.enabled ? found?.problem : undefined);
      return problem === undefined ? plugin : { ...plugin, problem };
    });
  });

  return { plugins, loaded };
}

/** Does one thing and says what went wrong; true where nothing did, false too where another is under way. */
type Attempt = (what: string, act: (api: LabApi) => Promise<unknown>) => Promise<boolean>;

function oneAtATime(error: ShallowRef<unknown>) {
  const lab = useLab();
  /** What is under way, in words. */
  const busy = ref('');
  const attempt: Attempt = async (what, act) => {
    if (busy.value !== '') return false;
    busy.value = what;
    error.value = undefined;
    try {
      await act(await lab.lab());
      return true;
    } catch (cause) {
      if (!isCancelled(cause)) error.value = cause;
      return false;
    } finally {
      busy.value = '';
    }
  };
  return { busy, attempt };
}

/** Fetching one, and the answer to what it asks for. */
function questions(attempt: Attempt) {
  const lab = useLab();
  const undo = useUndo();
  const candidate = shallowRef<PluginCandidate>();
  /** Something is on its way and can be called off. */
  const fetching = ref(false);

  /** Fetches what a person is asked about then. */
  async function ask(what: string, get: (api: LabApi) => Promise<PluginCandidate>): Promise<boolean> {
    return attempt(what, async (api) => {
      fetching.value = true;
      try {
        candidate.value = await get(api);
      } finally {
        fetching.value = false;
      }
    });
  }

  const cancelFetch = async () => (await lab.lab()).cancelPluginFetch();

  async function fetch(request: FetchPluginRequest): Promise<boolean> {
    const from = 'source' in request ? request.source : request.name;
    return ask(`Fetching ${from}`, (api) => api.fetchPlugin(request));
  }

  const fetchFile = async (file: File) =>
    fetch({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });

  const update = ({ id }: PluginListed) =>
    ask(`Looking for a newer ${id}`, (api) => api.fetchPluginUpdate({ id }));

  /** Installs what was fetched; the id of it, or undefined where it was refused. */
  async function accept(): Promise<string | undefined> {
    const waiting = candidate.value;
    if (waiting === undefined) return undefined;
    const { token, id, replaces } = waiting;
    const good = await attempt(`Installing ${id}`, (api) => api.acceptPlugin({ token }));
    candidate.value = undefined;
    if (good && replaces !== undefined) {
      undo.offer({ text: `Updated ${id}`, undo: async () => (await lab.lab()).restorePlugin({ id }) });
    }
    return good ? id : undefined;
  }

  async function discard(): Promise<void> {
    const waiting = candidate.value;
    candidate.value = undefined;
    if (waiting === undefined) return;
    try {
      await (await lab.lab()).discardPlugin({ token: waiting.token });
    } catch {
      // Answered for already, or the lab was ended: it is gone either way.
    }
  }

  return { candidate, fetching, cancelFetch, fetch, fetchFile, update, accept, discard };
}

/** What is done to one that is installed. */
function changes(attempt: Attempt) {
  const lab = useLab();
  const undo = useUndo();

  const setEnabled = ({ id, enabled }: PluginListed) =>
    attempt(`${enabled ? 'Turning off' : 'Turning on'} ${id}`, (api) =>
      enabled ? api.disablePlugin({ id }) : api.enablePlugin({ id }),
    );

  async function remove({ id }: PluginListed): Promise<void> {
    if (!(await attempt(`Removing ${id}`, (api) => api.removePlugin({ id })))) return;
    undo.offer({ text: `Removed ${id}`, undo: async () => (await lab.lab()).restorePlugin({ id }) });
  }

  return { setEnabled, remove };
}
