import { useLab } from '../stores/lab.ts';

/** Small pictures of photographs, made once each. They lie here, not the photographs, which may be of many megabytes. */
const kept = new Map<string, Promise<ImageBitmap>>();
const most = 500;
const width = 192;

/** A photograph of a run, 192 pixels wide. Throws where the browser can't decode it. */
export function thumbnail(id: string, file: string): Promise<ImageBitmap> {
  const name = `${id}\n${file}`;
  const known = kept.get(name);
  if (known !== undefined) return known;
  const made = readPhotograph(id, file).then((blob) =>
    createImageBitmap(blob, { resizeWidth: width, resizeQuality: 'medium' }),
  );
  kept.set(name, made);
  made.catch(() => kept.delete(name));
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
  return made;
}

/** A photograph as it was taken. Throws what the lab says. */
export async function readPhotograph(id: string, file: string): Promise<Blob> {
  const bytes = await (await useLab().lab()).runFile({ id, path: file });
  return new Blob([bytes.slice()]);
}
