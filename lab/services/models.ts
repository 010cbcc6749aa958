import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { ModelsApi } from '../api/contract/models.ts';
import { modelRequests } from '../api/contract/models.ts';
import { readClassList } from '../data/classes.ts';
import { findModel, listShelves, moveModel, type Shelf, type ShelvedModel, shelve } from '../library.ts';
import { listPluginModels } from '../registry/plugin-models.ts';
import type { LabContext } from './context.ts';
import { describeFully, writeCard } from './model-cards.ts';

/** The classifiers of the lab. */
export function createModelsService({ shelves, materials, jobs, registry, dataDir }: LabContext): ModelsApi {
  const [, added] = shelves;
  const trash: Shelf = { folder: join(dataDir, 'trash', 'models'), origin: 'added' };
  const all = async () => [...(await listShelves(shelves)), ...(await listPluginModels(registry))];
  return {
    async listModels() {
      return (await all()).map(({ summary }) => summary);
    },
    async addModel(request) {
      const summary = await shelve(added, request, checkModel);
      jobs.changed('models');
      return summary;
    },
    async classify(request) {
      const model = findModel(await all(), request.model);
      const checked = modelRequests.classify.parse(request);
      const { classifyImage } = await import('../classify.ts');
      const answer = await materials.useModel(model.path, (classifier) => classifyImage(classifier, checked));
      return { model: request.model, ...answer };
    },
    modelCard: async ({ id }) => describeFully(findModel(await all(), id)),
    async setModelCard({ id, card }) {
      await writeCard(ownModel(findModel(await all(), id)), card);
      jobs.changed('models');
      return findModel(await all(), id).summary;
    },
    readClasses: async ({ name, bytes }) => readClassList(bytes, name),
    async removeModel({ id }) {
      ownModel(findModel(await all(), id));
      await moveModel(id, added, trash);
      jobs.changed('models');
    },
    async restoreModel({ id }) {
      if ((await listShelves([added])).some(({ summary }) => summary.id === id)) {
        throw new HalftoneError(
          'bad-argument',
          `there is a model '${id}' again; rename or remove that one first`,
        );
      }
      await moveModel(id, trash, added);
      jobs.changed('models');
    },
    async dataShape({ set }) {
      const { height, width, channels, classes } = await materials.openSet(set);
      return { height, width, channels, classes: classes.length };
    },
  };
}

/** A model that is a person's own to change. Throws `bad-argument` for the others. */
function ownModel(model: ShelvedModel): ShelvedModel {
  const { name, origin } = model.summary;
  if (origin === 'added') return model;
  const reason = origin === 'shipped' ? 'ships with Halftone' : 'belongs to a plugin';
  throw new HalftoneError('bad-argument', `'${name}' ${reason} and stays as it is`);
}

async function checkModel(bytes: Uint8Array): Promise<void> {
  const { importModel } = await import('../graph/index.ts');
  importModel(bytes);
}
