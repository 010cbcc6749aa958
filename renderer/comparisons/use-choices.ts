import { computed, shallowRef, watch } from 'vue';
import type { DataShape, PlainParameters } from '../../lab/api.ts';
import type { ImagesDraft } from '../bench/draft.ts';
import { useChoices } from '../stores/choices.ts';
import { onTopic } from '../stores/jobs.ts';
import { useLab } from '../stores/lab.ts';
import { useModels } from '../stores/models.ts';

/** What forms of comparisons offer: attacks, defences that stand before a model, models, and the data's shape. */
export function useComparisonChoices(images: () => ImagesDraft) {
  const choices = useChoices();
  const models = useModels();
  const lab = useLab();
  onTopic(
    () => 'models',
    () => models.refresh(),
  );

  const attacks = computed(() =>
    choices.attacks.choices.map((attack) => ({
      ...attack,
      note: `${attack.norm}, ${attack.access}`,
      ...(attack.needsChannel ? { unfit: 'trains through a channel: on Bench' } : {}),
    })),
  );
  const defenses = computed(() => choices.defenses.choices.filter(({ type }) => type === 'transform'));

  /** Of the chosen data set; undefined for folders, and where it can't be told. */
  const shape = shallowRef<DataShape>();
  watch(
    () => (images().source === 'set' ? images().set : ''),
    async (set) => {
      shape.value = undefined;
      if (set === '') return;
      try {
        const found = await (await lab.lab()).dataShape({ set });
        if (images().set === set) shape.value = found;
      } catch {
        // One that isn't here fits nothing and says so when the comparison is started.
      }
    },
    { immediate: true },
  );

  return { choices, models, attacks, defenses, shape };
}

/** Parameters by plugin, for values in words. */
export function parametersIn(
  plugins: readonly { readonly name: string; readonly parameters: PlainParameters }[],
) {
  return (name: string) => plugins.find((plugin) => plugin.name === name)?.parameters;
}
