import { type Attack, parseParameters } from '@halftone/sdk';
import type { z } from 'zod';
import type { transferSchema } from '../api/contract/comparisons.ts';
import { inPlace } from '../experiments/recipe/places.ts';
import { checkNeeds } from '../registry/attack-host.ts';
import { type Stage, stageOf } from '../registry/stages.ts';
import type { LabContext } from './context.ts';

type ChosenAttack = z.output<typeof transferSchema>['attacks'][number];
type Chosen = Omit<ChosenAttack, 'channel'>;

/** An attack that a comparison asks for, with what it trains through. */
export interface OpenAttack {
  readonly attack: Attack;
  /** As they were given; they are good ones. */
  readonly parameters: ChosenAttack['set'];
  readonly channel?: Stage;
}

/** Opens an attack and checks all that can be checked before any work. Throws with the place within what was chosen. */
export async function openAttack(
  { materials }: Pick<LabContext, 'materials'>,
  { name, set, channel: chosen }: ChosenAttack,
): Promise<OpenAttack> {
  const attack = await inPlace(['name'], () => materials.loadAttack(name));
  await inPlace(['set'], () => parseParameters(attack.parameters, set, name));
  const channel =
    chosen === undefined
      ? undefined
      : await inPlace(['channel'], () => openStage(chosen, (name) => materials.loadChannel(name)));
  await inPlace(['channel'], () => checkNeeds(attack, channel));
  return { attack, parameters: set, ...(channel === undefined ? {} : { channel }) };
}

/** Opens a defence or a channel. Throws with the place within what was chosen. */
export async function openStage(
  { name, set }: Chosen,
  load: (name: string) => Promise<Stage['plugin']>,
): Promise<Stage> {
  const plugin = await inPlace(['name'], () => load(name));
  return inPlace(['set'], () => stageOf(plugin, set));
}
