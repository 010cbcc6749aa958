import { fileURLToPath } from 'node:url';
import type { LabApi } from './api/contract.ts';
import { examine } from './doctor.ts';
import { createCapturesService } from './services/captures.ts';
import { createChoicesService } from './services/choices.ts';
import { createComparisonsService } from './services/comparisons.ts';
import { createContext, type LabContext } from './services/context.ts';
import { createDataService } from './services/data.ts';
import { createModelsService } from './services/models.ts';
import { createPluginsService } from './services/plugins.ts';
import { createRunAdminService } from './services/run-admin.ts';
import { createRunsService } from './services/runs.ts';
import { createSheetsService } from './services/sheets.ts';
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
  /** Cancels jobs and waits for them, and gives back sessions, workers and plugins' processes. */
  close(): Promise<void>;
}

const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** The object behind `api.ts`: every host makes one and serves it. Opens nothing before it is asked. */
export function createLab({ dataDir, root = projectRoot }: LabOptions): Lab {
  const context = createContext(dataDir, root);
  const { jobs, materials, store } = context;
  return {
    ...createHouseService(context),
    ...createModelsService(context),
    ...createChoicesService(context),
    ...createDataService(context),
    ...createRunsService(context),
    ...createRunAdminService(context),
    ...createSheetsService(context),
    ...createCapturesService(context),
    ...createComparisonsService(context),
    ...createPluginsService(context),
    watch: (request) => jobs.watch(request),
    cancelJob: (request) => jobs.cancelJob(request),
    dismissJob: (request) => jobs.dismissJob(request),
    async close() {
      await jobs.close();
      await materials.close();
      store.close();
    },
  };
}

function createHouseService({ root, dataDir }: LabContext): Pick<LabApi, 'about' | 'doctor'> {
  return {
    async about() {
      const version = await readVersion(root);
      const platform = `${process.platform} ${process.arch}`;
      return { version, platform, node: process.versions.node, dataDir };
    },
    doctor: () => examine(),
  };
}
