import type { ModelsApi } from '../api/contract/models.ts';
import { modelRequests } from '../api/contract/models.ts';
import { findModel, listShelves, shelve } from '../library.ts';
import { listPluginModels } from '../registry/plugin-models.ts';
import type { LabContext } from './context.ts';

/** The classifiers of the lab. */
export function createModelsService({ shelves, materials, jobs, registry }: LabContext): ModelsApi {
  const [, added] = shelves;
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
  };
}

async function checkModel(bytes: Uint8Array): Promise<void> {
  const { importModel } = await import('../graph/index.ts');
  importModel(bytes);
}
