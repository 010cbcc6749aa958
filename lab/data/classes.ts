import { HalftoneError } from '@halftone/sdk/errors';
import { z } from 'zod';
import { parseWith, readJson } from './schema.ts';

/** One class of a classifier; its place in the list is its index in the logits. */
export interface ClassEntry {
  /** A stable identifier, such as a WordNet id. */
  readonly id?: string;
  /** The name that people read. */
  readonly name: string;
}

const named = z.string().min(1);
const pair = z.tuple([named, named]).transform(([id, name]): ClassEntry => ({ id, name }));
const entry = z.union(
  [
    named.transform((name): ClassEntry => ({ name })),
    pair,
    z
      .object({ wnid: named.optional(), id: named.optional(), name: named })
      .transform((o): ClassEntry => withId(o.wnid ?? o.id, o.name)),
  ],
  { error: "expected a name, an [id, name] pair, or an object with 'name' and perhaps 'id' or 'wnid'" },
);

const list = z
  .array(entry, { error: 'expected a list of classes, or an object keyed by class index' })
  .min(1);

function withId(id: string | undefined, name: string): ClassEntry {
  return id === undefined ? { name } : { id, name };
}

/** `{"0": …, "1": …}` as a list; anything else as it is. */
function indexed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value);
  const items = keys.map((_, index) => (value as Record<string, unknown>)[String(index)]);
  return items.length > 0 && items.every((item) => item !== undefined) ? items : value;
}

/**
 * A list of classes: of names, of `[id, name]` pairs, of objects with `name` and `id` (or `wnid`), or any of
 * these keyed by index (`{"0": ["n01440764", "tench"]}`). Throws `bad-file`, naming `what` and the entry.
 */
export function parseClasses(value: unknown, what: string): ClassEntry[] {
  return parseWith(list, indexed(value), what);
}

/** The classes in a JSON file; see `parseClasses`. Throws `not-found` or `bad-file`. */
export async function loadClasses(path: string): Promise<ClassEntry[]> {
  return parseClasses(await readJson(path), path);
}

/**
 * The classes in a file that a person hands in: JSON as `parseClasses` takes it, or text with a name a line. A line
 * may be led by a WordNet id, and all lines by their index. Throws `bad-file`, naming `what`.
 */
export function readClassList(bytes: Uint8Array, what: string): ClassEntry[] {
  const text = decoded(bytes, what);
  if (/^\s*[[{]/.test(text)) return parseClasses(parsedJson(text, what), what);
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const numbered = lines.map((line) => /^(\d+)\s*[,:;\s]\s*(\S.*)$/.exec(line));
  const byIndex = numbered.every((match, i) => match !== null && Number(match[1]) === i);
  const names = byIndex ? numbered.map((match) => match![2]!) : lines;
  const entries = names.map((name) => {
    const match = /^(n\d{8})[\s,]+(\S.*)$/.exec(name);
    return match === null ? name : [match[1], match[2]];
  });
  return parseClasses(entries, what);
}

function decoded(bytes: Uint8Array, what: string): string {
  try {
    // A mark of the byte order at the beginning is left out by itself.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HalftoneError('bad-file', `${what}: neither JSON nor text in UTF-8`, { cause });
  }
}

function parsedJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HalftoneError('bad-file', `${what}: not JSON (${(cause as Error).message})`, { cause });
  }
}

/**
 * A finder from a word to a class index: by id, by whole name, by one of a name's comma-separated synonyms, or
 * by the index in decimal; case, spaces, `_` and `-` make no difference. Undefined for a word that names no class.
 */
export function classFinder(classes: readonly ClassEntry[]): (word: string) => number | undefined {
  const byWord = new Map<string, number>();
  const note = (word: string, index: number) => {
    const key = normal(word);
    if (!byWord.has(key)) byWord.set(key, index);
  };
  classes.forEach(({ id }, index) => {
    if (id !== undefined) note(id, index);
  });
  classes.forEach(({ name }, index) => {
    note(name, index);
  });
  classes.forEach(({ name }, index) => {
    for (const synonym of name.split(',')) note(synonym, index);
  });
  return (word) => byWord.get(normal(word)) ?? indexIn(word, classes.length);
}

function normal(word: string): string {
  return word
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
}

function indexIn(word: string, count: number): number | undefined {
  return /^\d+$/.test(word) && Number(word) < count ? Number(word) : undefined;
}
