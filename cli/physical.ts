import { join } from 'node:path';
import { parseWith, readJson } from '../lab/data/schema.ts';
import type { LookOptions } from '../lab/experiments/physical/look.ts';
import type { RunProgress } from '../lab/experiments/physical/materials.ts';
import { defaultDataDir } from '../lab/host/data-dir.ts';
import { createMaterials, type OpenMaterials } from '../lab/materials.ts';
import { cameraSchema } from '../lab/vision/finder/lens.ts';
import type { EngineOptions } from './options.ts';
import { type Progress, startProgress } from './output.ts';
import { openRegistry } from './registry.ts';

/** The folder that runs are made in when nobody says. */
export function runsFolder(): string {
  return join(defaultDataDir(), 'runs');
}

/** Does something with the lab's models, plugins and data, and gives them back. `base` is what paths are relative to. */
export async function withMaterials<T>(
  base: string,
  { provider, threads }: EngineOptions,
  work: (materials: OpenMaterials) => Promise<T>,
): Promise<T> {
  const materials = createMaterials({
    registry: openRegistry(),
    dataDir: defaultDataDir(),
    base,
    openModel: async (path) => {
      const { openClassifier } = await import('../lab/runtime/classifier.ts');
      return openClassifier(path, {
        ...(provider === undefined ? {} : { providers: provider }),
        ...(threads === undefined ? {} : { threads }),
      });
    },
  });
  try {
    return await work(materials);
  } finally {
    await materials.close();
  }
}

/** Shows a run's stages one after the other, each with its own progress. */
export function showStages(): { onProgress(progress: RunProgress): void; end(): void } {
  let what = '';
  let line: Progress | undefined;
  return {
    onProgress(progress) {
      if (progress.what !== what) {
        line?.end();
        what = progress.what;
        line = startProgress(what);
      }
      line?.update(progress.done, progress.total);
    },
    end: () => line?.end(),
  };
}

/** A calibrated camera from the file that `halftone calibrate` wrote; none where no file is given. */
export async function readCamera(path: string | undefined): Promise<Pick<LookOptions, 'camera'>> {
  if (path === undefined) return {};
  return { camera: parseWith(cameraSchema, await readJson(path), path) };
}
