import { parseParameters } from '@halftone/sdk';
import type { z } from 'zod';
import type { TransferMatrix, transferSchema } from '../api/contract/comparisons.ts';
import { openImages } from '../experiments/physical/images.ts';
import { runTransfer, type TransferVariant } from '../experiments/transfer/transfer.ts';
import type { LabContext } from './context.ts';
import type { JobOptions } from './jobs.ts';

type Request = z.output<typeof transferSchema>;

/** Checks what can be checked before any work. Throws as models and attacks do that don't fit. */
export async function checkTransfer(context: LabContext, request: Request): Promise<void> {
  const { materials } = context;
  await variantsOf(context, request);
  for (const name of [...request.sources, ...request.targets]) await materials.modelPath(name);
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

async function variantsOf({ materials }: LabContext, { attacks }: Request): Promise<TransferVariant[]> {
  const names = attacks.map(({ name }) => name);
  return Promise.all(
    attacks.map(async ({ name, set }, i) => {
      const attack = await materials.loadAttack(name);
      parseParameters(attack.parameters, set, name);
      // The same attack twice, at two strengths, say.
      const key = names.indexOf(name) === i && names.lastIndexOf(name) === i ? name : `${name} ${shown(set)}`;
      return { key, attack, parameters: set };
    }),
  );
}

function shown(set: Readonly<Record<string, unknown>>): string {
  return Object.entries(set)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
