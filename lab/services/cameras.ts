import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import { type CapturesApi, captureRequests } from '../api/contract/captures.ts';
import { writeAtomic } from '../data/atomic.ts';
import { makeFolder } from '../data/folders.ts';
import { parseWith, readJson } from '../data/schema.ts';
import { json } from '../runs/folder.ts';
import { calibrationBoard } from '../vision/finder/board.ts';
import { type Camera, cameraSchema } from '../vision/finder/lens.ts';
import { sheetsPdf } from '../vision/node/pdf.ts';
import type { LabContext } from './context.ts';

const keptSchema = z.strictObject({ name: z.string(), camera: cameraSchema });
type Place = Pick<LabContext, 'dataDir'>;

/** The cameras that were calibrated: a file each in the lab's folder. */
export function createCamerasService({
  dataDir,
  jobs,
  materials,
}: LabContext): Pick<CapturesApi, 'listCameras' | 'calibrationBoard' | 'calibrateCamera' | 'removeCamera'> {
  const folder = camerasFolder({ dataDir });
  return {
    async listCameras() {
      const files = await readdir(folder).catch((): string[] => []);
      const names = files.filter((file) => file.endsWith('.json') && !file.startsWith('.'));
      const kept = await Promise.all(names.map((file) => readKept(join(folder, file))));
      return kept.sort((a, b) => a.name.localeCompare(b.name));
    },
    async calibrationBoard(request) {
      const { paper } = captureRequests.calibrationBoard.parse(request);
      return sheetsPdf([calibrationBoard(paper)], [[]]);
    },
    async calibrateCamera(request) {
      const { name, paper, photographs } = captureRequests.calibrateCamera.parse(request);
      const found = await inFiles(photographs, (paths) =>
        materials.reader.calibrate(paths, calibrationBoard(paper)),
      );
      await makeFolder(folder);
      await writeAtomic(pathOf({ dataDir }, name), json({ name, camera: found.camera }));
      jobs.changed('cameras');
      const unused = found.unused.map(({ photograph, message }) => ({
        photograph: basename(photograph),
        message,
      }));
      return { name, camera: found.camera, unused };
    },
    async removeCamera({ name }) {
      await rm(pathOf({ dataDir }, name), { force: true });
      jobs.changed('cameras');
    },
  };
}

/** A calibrated camera by its name. Throws `not-found`. */
export async function readCamera(place: Place, name: string): Promise<Camera> {
  return (await readKept(pathOf(place, name))).camera;
}

async function readKept(path: string): Promise<z.infer<typeof keptSchema>> {
  return parseWith(keptSchema, await readJson(path), path);
}

function camerasFolder({ dataDir }: Place): string {
  return join(dataDir, 'cameras');
}

/** Names are free text; the file's name keeps what any file system takes. */
function pathOf(place: Place, name: string): string {
  const word = name.replaceAll(/[^\p{L}\p{N}_-]+/gu, '-');
  if (/^-*$/.test(word)) throw new HalftoneError('bad-argument', `'${name}' has no letter or digit in it`);
  return join(camerasFolder(place), `${word}.json`);
}

/** Does something with files that came over the line, and removes them. */
async function inFiles<T>(
  files: readonly { name: string; bytes: Uint8Array }[],
  work: (paths: string[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'halftone-calibrate-'));
  try {
    const paths = files.map(({ name }, i) => join(folder, `${i + 1}-${name}`));
    for (const [i, { bytes }] of files.entries()) await writeFile(paths[i]!, bytes);
    return await work(paths);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
