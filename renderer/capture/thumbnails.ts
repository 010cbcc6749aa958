import { useLab } from '../stores/lab.ts';

/** Small pictures of photographs, made once each. They lie here, not the photographs, which may be of many megabytes. */
const kept = new Map<string, Promise<ImageBitmap>>();
const most = 500;
const width = 192;
/** As wide as a dialog shows one on a dense screen. */
const large = 1600;

/** A photograph of a run, 192 pixels wide. Throws what the lab says. */
export function thumbnail(id: string, name: string): Promise<ImageBitmap> {
  const key = `${id}\n${name}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = preview(id, name, width).then((blob) => createImageBitmap(blob));
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
  return made;
}

/** A photograph of a run as wide as a dialog. Throws what the lab says. */
export function largePreview(id: string, name: string): Promise<Blob> {
  return preview(id, name, large);
}

async function preview(id: string, name: string, pixels: number): Promise<Blob> {
  const bytes = await (await useLab().lab()).capturePreview({ id, name, width: pixels });
  return new Blob([bytes.slice()]);
}
