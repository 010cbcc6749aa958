import type { LabError } from '../../lab/api.ts';

type Place = NonNullable<LabError['place']>;

/** What the lab says of one part of what a form asks for. */
export interface Wrong {
  /** From here on: `['set', 'epsilon']`. */
  readonly place: Place;
  readonly text: string;
}

/** What an error says of a part; undefined where it is about the whole. */
export function wrongOf(error: unknown): Wrong | undefined {
  if (!(error instanceof Error) || !('place' in error) || !Array.isArray(error.place)) return undefined;
  return { place: error.place as Place, text: error.message };
}

/** What is said of something within this part. */
export function wrongIn(wrong: Wrong | undefined, ...part: Place): Wrong | undefined {
  if (wrong === undefined || part.some((step, i) => wrong.place[i] !== step)) return undefined;
  return { ...wrong, place: wrong.place.slice(part.length) };
}

/** What is said of a plugin's parameters, by their names. */
export function wrongParameters(wrong: Wrong | undefined): Readonly<Record<string, string>> {
  const found = wrongIn(wrong, 'set');
  const [name] = found?.place ?? [];
  return found === undefined || name === undefined ? {} : { [name]: found.text };
}
