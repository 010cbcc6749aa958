import { modelShelves, type Shelf } from '../library.ts';
import { createMaterials, type OpenMaterials } from '../materials.ts';
import { installedIn, PluginStore, pluginsFolder } from '../registry/install/index.ts';
import { createRegistry, type Registry } from '../registry/registry.ts';
import { Jobs } from './jobs.ts';

/** What the services of one lab share. */
export interface LabContext {
  /** The folder that the lab keeps its data in. */
  readonly dataDir: string;
  /** The project's own folder: `package.json` and `models/`. */
  readonly root: string;
  /** Folders of models: those that ship, then those that were added. */
  readonly shelves: readonly [shipped: Shelf, added: Shelf];
  readonly store: PluginStore;
  readonly registry: Registry;
  readonly materials: OpenMaterials;
  readonly jobs: Jobs;
}

/** Makes what the services share; opens nothing before it is asked. */
export function createContext(dataDir: string, root: string): LabContext {
  const store = new PluginStore({ folder: pluginsFolder(dataDir) });
  const registry = createRegistry(installedIn(store, pluginsFolder(dataDir)));
  return {
    dataDir,
    root,
    shelves: modelShelves(root, dataDir),
    store,
    registry,
    materials: createMaterials({ registry, dataDir, base: dataDir, root }),
    jobs: new Jobs(),
  };
}
