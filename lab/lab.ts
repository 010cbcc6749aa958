import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AddModelRequest, Classification, ClassifyRequest, LabApi } from './api/contract.ts';
import { requestSchemas } from './api/contract.ts';
import { examine } from './doctor.ts';
import { findModel, listShelves, type Shelf, shelve } from './library.ts';
import { createClassifierShelf } from './open-classifiers.ts';
import { readVersion } from './version.ts';

/** Where a lab lives. */
export interface LabOptions {
  /** The folder that it keeps its data in; made when the first thing is kept. */
  readonly dataDir: string;
  /** The project's own folder: `package.json` and `models/`. */
  readonly root?: string;
}

/** A lab with what it holds open. */
export interface Lab extends LabApi {
  /** Gives back sessions and workers. */
  close(): Promise<void>;
}

const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** The object behind `api.ts`: every host makes one and serves it. Opens nothing before it is asked. */
export function createLab({ dataDir, root = projectRoot }: LabOptions): Lab {
  const added: Shelf = { folder: join(dataDir, 'models'), origin: 'added' };
  const shelves: Shelf[] = [{ folder: join(root, 'models'), origin: 'shipped' }, added];
  const classifiers = createClassifierShelf();

  return {
    async about() {
      const version = await readVersion(root);
      return {
        version,
        platform: `${process.platform} ${process.arch}`,
        node: process.versions.node,
        dataDir,
      };
    },
    doctor: () => examine(),
    async listModels() {
      return (await listShelves(shelves)).map(({ summary }) => summary);
    },
    addModel: (request: AddModelRequest) => shelve(added, request, checkModel),
    async classify(request: ClassifyRequest): Promise<Classification> {
      const model = await findModel(shelves, request.model);
      const checked = requestSchemas.classify.parse(request);
      const { classifyImage } = await import('./classify.ts');
      const answer = await classifiers.use(model.path, (classifier) => classifyImage(classifier, checked));
      return { model: request.model, ...answer };
    },
    close: () => classifiers.close(),
  };
}

async function checkModel(bytes: Uint8Array): Promise<void> {
  const { importModel } = await import('./graph/index.ts');
  importModel(bytes);
}
