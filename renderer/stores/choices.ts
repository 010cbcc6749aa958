import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type {
  AttackChoice,
  ChannelChoice,
  Choices,
  DataChoice,
  DefenseChoice,
  LabApi,
  PresetChoices,
} from '../../lab/api.ts';
import { onTopic } from './jobs.ts';
import { isLineLost, useLab } from './lab.ts';

/** What an experiment can be made of. Read when first used, and again when plugins or data change. */
export const useChoices = defineStore('choices', () => {
  const lab = useLab();
  const none = { choices: [], broken: [] };
  const attacks = shallowRef<Choices<AttackChoice>>(none);
  const defenses = shallowRef<Choices<DefenseChoice>>(none);
  const channels = shallowRef<Choices<ChannelChoice>>(none);
  const data = shallowRef<readonly DataChoice[]>([]);
  const presets = shallowRef<PresetChoices>({ printers: [], cameras: [] });
  const loaded = shallowRef(false);
  const error = shallowRef<unknown>();

  async function read(some: (api: LabApi) => Promise<unknown>): Promise<void> {
    try {
      await some(await lab.lab());
      error.value = undefined;
    } catch (cause) {
      if (!isLineLost(cause)) error.value = cause;
    }
  }

  onTopic(
    () => 'plugins',
    () =>
      read(async (api) => {
        const found = await Promise.all([api.listAttacks(), api.listDefenses(), api.listChannels()]);
        [attacks.value, defenses.value, channels.value] = found;
        loaded.value = true;
      }),
  );
  onTopic(
    () => 'data',
    () =>
      read(async (api) => {
        data.value = await api.listData();
        presets.value = await api.listPresets();
      }),
  );

  return { attacks, defenses, channels, data, presets, loaded, error };
});
