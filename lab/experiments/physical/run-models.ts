import { seeded } from '@halftone/sdk';
import { behindStages, type Stage, stageOf } from '../../registry/stages.ts';
import { loadTensors } from '../../registry/tensors.ts';
import type { ChainRecord, RunRecord } from '../../runs/record.ts';
import type { Classifier } from '../../runtime/classifier-types.ts';
import type { Materials } from './materials.ts';

/** Who is asked about a run's images: a model of its recipe, or the model of the examples behind a chain of defences. */
export interface RunModel {
  /** What results call it, `signs-plain behind jpeg (quality 60)`: unique in the run. */
  readonly name: string;
  /** The model itself, as the recipe names it. */
  readonly bare: string;
  /** The examples were made on it. */
  readonly source: boolean;
  /** What stands before it. */
  readonly chain?: ChainRecord;
}

/** All of a run's: the model of the examples first, then the others, then those behind defences. */
export function runModels({ recipe, defenses }: Pick<RunRecord, 'recipe' | 'defenses'>): RunModel[] {
  const { model, others } = recipe;
  return [
    sourceModel({ recipe }),
    ...others.map((other) => ({ name: other, bare: other, source: false })),
    ...defenses.map((chain) => ({
      name: `${model} behind ${chain.title}`,
      bare: model,
      source: false,
      chain,
    })),
  ];
}

/** The model that the examples are made on. */
export function sourceModel({ recipe: { model } }: Pick<RunRecord, 'recipe'>): RunModel {
  return { name: model, bare: model, source: true };
}

/** A classifier behind defences. `files` are what each of its calls asks about, in their order. */
export type Defend = (classifier: Classifier, files: readonly string[]) => Classifier;

/**
 * Opens what stands before a model of a run. Defences with chance in them draw from the run's seed by their chain and
 * by the file, so that a verdict hangs on nothing else that is asked. Throws `not-found`, `bad-plugin`, `bad-argument`.
 */
export async function openDefenses(
  { recipe }: Pick<RunRecord, 'recipe'>,
  { chain }: RunModel,
  materials: Pick<Materials, 'loadDefense'>,
): Promise<Defend> {
  if (chain === undefined) return (classifier) => classifier;
  const stages: Stage[] = await Promise.all(
    chain.steps.map(async ({ defense, parameters }) =>
      stageOf(await materials.loadDefense(defense), parameters),
    ),
  );
  const { tf } = await loadTensors();
  const random = seeded(recipe.seed).derive('defenses').derive(chain.title);
  return (classifier, names) => behindStages(classifier, stages, { tf, random, names });
}
