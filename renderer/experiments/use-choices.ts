import { computed, shallowRef, watch } from 'vue';
import type { DataShape } from '../../lab/api.ts';
import { useChoices } from '../stores/choices.ts';
import { onTopic } from '../stores/jobs.ts';
import { useLab } from '../stores/lab.ts';
import { useModels } from '../stores/models.ts';
import type { ImagesDraft } from './images.ts';

/** The plugins that an experiment may choose: attacks, and defences that stand before a model. */
export function useExperimentPlugins() {
  const choices = useChoices();
  const attacks = computed(() =>
    choices.attacks.choices.map((attack) => ({ ...attack, note: `${attack.norm}, ${attack.access}` })),
  );
  const defenses = computed(() => choices.defenses.choices.filter(({ type }) => type === 'transform'));
  return { choices, attacks, defenses };
}

/** What forms of comparisons offer: plugins, models, and the data's shape, which models have to fit. */
export function useComparisonChoices(images: () => ImagesDraft) {
  const models = useModels();
  const lab = useLab();
  onTopic(
    () => 'models',
    () => models.refresh(),
  );

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

  return { ...useExperimentPlugins(), models, shape };
}
