import type { z } from 'zod';
import type { DefendTable, defendSchema } from '../api/contract/comparisons.ts';
import type { Accuracy } from '../experiments/accuracy.ts';
import { type DigitalRequest, type DigitalResult, runDigital } from '../experiments/digital.ts';
import { openImages } from '../experiments/physical/images.ts';
import { inPlace } from '../experiments/recipe/places.ts';
import type { Both } from '../experiments/tally.ts';
import type { Stage } from '../registry/stages.ts';
import { openAttack, openStage } from './chosen-plugins.ts';
import type { LabContext } from './context.ts';
import type { JobOptions } from './jobs.ts';

type Request = z.output<typeof defendSchema>;
type Row = DefendTable['rows'][number];

/** Checks what can be checked before any work. Throws as models, attacks and defences do that don't fit. */
export async function checkDefend(context: LabContext, request: Request): Promise<void> {
  await inPlace(['model'], () => context.materials.modelPath(request.model));
  await inPlace(['attack'], () => openAttack(context, request.attack));
  await openChains(context, request);
}

/**
 * One attack on one model: without a defence, behind each chain of defences that it doesn't know, and, where asked,
 * behind each that it knows. Throws as `runDigital`.
 */
export async function compareDefenses(
  context: LabContext,
  request: Request,
  { signal, onProgress }: JobOptions,
): Promise<DefendTable> {
  const { materials, dataDir } = context;
  const { attack, parameters, channel } = await openAttack(context, request.attack);
  const chains = await openChains(context, request);
  return materials.useModel(request.model, async (classifier) => {
    const surroundings = { recipeFolder: dataDir, openSet: materials.openSet };
    const { source } = await openImages(request.data, classifier, surroundings);
    const measure = (what: string, own: Pick<DigitalRequest, 'defenses' | 'aware'>) =>
      runDigital({
        attack,
        classifier,
        source,
        parameters,
        ...(channel === undefined ? {} : { channel, throughChannel: false }),
        seed: request.seed,
        signal,
        onProgress: (done, total) => onProgress({ what, done, total }),
        ...own,
      });
    const rows: Row[] = [];
    for (const [chain, defenses] of chains.entries()) {
      const name = defenses.map(({ plugin }) => plugin.name).join(' + ');
      const unaware = await measure(`behind ${name}`, { defenses });
      // An attack that doesn't know the defences makes the same images without them: measured on the way.
      if (rows.length === 0) rows.push(rowOf(unaware, unaware.defense!.undefended, { aware: false }));
      rows.push(rowOf(unaware, unaware, { chain, aware: false }));
      if (!request.through) continue;
      const aware = await measure(`through ${name}`, { defenses, aware: true });
      rows.push(rowOf(aware, aware, { chain, aware: true }));
    }
    return { images: source.count, rows };
  });
}

function rowOf(
  { spent, warnings }: DigitalResult,
  { clean, adversarial }: Both,
  which: { readonly chain?: number; readonly aware: boolean },
): Row {
  const { gradients, queries } = spent;
  const top1 = ({ top1 }: Accuracy) => ({ ...top1 });
  const own = which.chain === undefined ? [] : [...warnings];
  return { ...which, clean: top1(clean), adversarial: top1(adversarial), gradients, queries, warnings: own };
}

async function openChains({ materials }: LabContext, { chains }: Request): Promise<Stage[][]> {
  const load = (name: string) => materials.loadDefense(name);
  const open: Stage[][] = [];
  for (const [i, chain] of chains.entries()) {
    const stages = chain.map((chosen, step) => inPlace(['chains', i, step], () => openStage(chosen, load)));
    open.push(await Promise.all(stages));
  }
  return open;
}
