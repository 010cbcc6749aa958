import type { z } from 'zod';
import type { TransferMatrix, transferSchema } from '../api/contract/comparisons.ts';
import { openImages } from '../experiments/physical/images.ts';
import { inPlace } from '../experiments/recipe/places.ts';
import { runTransfer, type TransferVariant } from '../experiments/transfer/transfer.ts';
import { openAttack } from './chosen-plugins.ts';
import type { LabContext } from './context.ts';
import type { JobOptions } from './jobs.ts';

type Request = z.output<typeof transferSchema>;

/** Checks what can be checked before any work. Throws as models and attacks do that don't fit. */
export async function checkTransfer(context: LabContext, request: Request): Promise<void> {
  const { materials } = context;
  await variantsOf(context, request);
  for (const list of ['sources', 'targets'] as const) {
    for (const [i, name] of request[list].entries())
      await inPlace([list, i], () => materials.modelPath(name));
  }
}

/** The matrix of transfer between models. Throws as `runTransfer`. */
export async function compareModels(
  context: LabContext,
  request: Request,
  { signal, onProgress }: JobOptions,
): Promise<TransferMatrix> {
  const { materials, dataDir } = context;
  const surroundings = { recipeFolder: dataDir, openSet: materials.openSet };
  const named = (name: string) => ({
    name,
    use: <T>(work: Parameters<typeof materials.useModel<T>>[1]) => materials.useModel(name, work),
  });
  const { cells, images, spent } = await runTransfer({
    sources: request.sources.map(named),
    targets: request.targets.map(named),
    variants: await variantsOf(context, request),
    images: async (classifier) => (await openImages(request.data, classifier, surroundings)).source,
    seed: request.seed,
    signal,
    onProgress: (done, total, what) => onProgress({ what, done, total }),
  });
  return { cells: [...cells], images, spent: [...spent] };
}

async function variantsOf(context: LabContext, { attacks }: Request): Promise<TransferVariant[]> {
  const names = attacks.map(({ name }) => name);
  const variants: TransferVariant[] = [];
  for (const [i, chosen] of attacks.entries()) {
    const open = await inPlace(['attacks', i], () => openAttack(context, chosen));
    // The same attack twice, at two strengths, say.
    const alone = names.indexOf(chosen.name) === names.lastIndexOf(chosen.name);
    variants.push({ key: alone ? chosen.name : shown(chosen), ...open });
  }
  return variants;
}

function shown({ name, set, channel }: Request['attacks'][number]): string {
  const words = Object.entries(set).map(([parameter, value]) => `${parameter}=${String(value)}`);
  return [name, ...words, ...(channel === undefined ? [] : [`through ${shown(channel)}`])].join(' ');
}
