import type { RecipeInput } from '../../lab/api.ts';

/** Which images, how many of them and in which order, as a form holds it. */
export interface ImagesDraft {
  source: 'set' | 'folder';
  set: string;
  split: 'train' | 'test';
  /** Of this computer, or of the lab's own keeping. */
  folder: string;
  /** All of a folder's images without it. */
  count: number | undefined;
  /** Seed of a random choice; the first images without it. */
  shuffle: number | undefined;
  /** Only images that the model has right with this confidence, clean and adversarial; all without it. */
  prefilter: number | undefined;
}

/** Road signs, drawn at random. */
export function firstImages(count: number): ImagesDraft {
  const none = { folder: '', prefilter: undefined };
  return { source: 'set', set: 'signs', split: 'test', count, shuffle: 1, ...none };
}

/** What keeps images from being read. */
export function imageProblems({ source, set, folder }: ImagesDraft): string[] {
  if (source === 'set') return set === '' ? ['Choose a data set'] : [];
  return folder.trim() === '' ? ['Name a folder of images'] : [];
}

/** Only what was chosen is in it. */
export function imagesInput({
  source,
  set,
  split,
  folder,
  count,
  shuffle,
}: ImagesDraft): RecipeInput['data'] {
  const order = shuffle === undefined ? {} : { shuffle };
  const some = count === undefined ? {} : { count };
  return source === 'set' ? { set, split, ...some, ...order } : { folder: folder.trim(), ...some, ...order };
}

/** Images of a recipe or a comparison. */
type ImagesOf =
  | {
      readonly set: string;
      readonly split: 'train' | 'test';
      readonly count: number;
      readonly shuffle?: number | undefined;
    }
  | { readonly folder: string; readonly count?: number | undefined; readonly shuffle?: number | undefined };

/** The images of what was asked for in a form again. */
export function imagesDraft(data: ImagesOf): ImagesDraft {
  const { count, shuffle } = data;
  const which =
    'set' in data
      ? { source: 'set' as const, set: data.set, split: data.split }
      : { source: 'folder' as const, folder: data.folder };
  return { ...firstImages(0), ...which, count, shuffle };
}
