import type { LabApi } from '../../lab/api.ts';
import { saveFile } from '../files.ts';

/** The largest zip file that the lab takes, as its contract has it. */
export const mostZipBytes = 1024 * 2 ** 20;

/** Packs a run and hands the file to the person; it comes in parts, so that none has to be held whole by the line. */
export async function downloadRun(
  api: LabApi,
  id: string,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const { name, size } = await api.zipRun({ id });
  const parts: Blob[] = [];
  let done = 0;
  while (done < size) {
    const part = await api.exportPart({ name, offset: done });
    if (part.length === 0)
      throw new Error(`${name} ended after ${done} of ${size} bytes; pack the run again`);
    // The browser keeps blobs on the disk where memory is short.
    parts.push(new Blob([part.slice()]));
    done += part.length;
    onProgress(done, size);
  }
  saveFile(new Blob(parts, { type: 'application/zip' }), name);
}

/** Hands a zip file to the lab, which checks and unpacks it. Throws where it is too large, and as the lab does. */
export async function uploadRun(api: LabApi, file: File) {
  if (file.size > mostZipBytes) {
    throw new Error(
      `${file.name} is larger than ${mostZipBytes / 2 ** 20} MB: unpack it into the lab's folder of runs`,
    );
  }
  return api.openZip({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
}
