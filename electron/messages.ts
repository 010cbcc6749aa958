import { z } from 'zod';
import { documentType, isInside, type RunFile } from '../lab/host/run-documents.ts';

/** What the messages of a page carry, checked before anything is done. */

/** A run's folder's name, and the path of a file in it. */
export const runFileSchema = z.strictObject({
  id: z.string().min(1).max(200),
  path: z.string().min(1).max(500),
});

/** A run by its folder's name. */
export const runSchema = runFileSchema.pick({ id: true });

/** A run's file, with the name that it is to be saved under at first. */
export const savingSchema = runFileSchema.extend({
  name: z
    .string()
    .min(1)
    .max(200)
    .refine((name) => !/[/\\\0:]/.test(name) && !name.startsWith('.'), 'a file name without folders'),
});

/** What a page may ask the person to choose. */
export const choiceSchema = z.enum([
  'images',
  'plugin-folder',
  'plugin-archive',
  'run-folder',
  'run-archive',
  'model',
]);

export type Choice = z.output<typeof choiceSchema>;

/** What came of a request: nothing, a path, or what went wrong in words. Errors thrown across processes lose theirs. */
export interface ShellAnswer {
  readonly path?: string;
  readonly error?: string;
}

/** The run's file that a page asks for. Throws words for one outside a run's folder, or of a kind not opened so. */
export function askedFile(request: unknown): RunFile {
  const file = runFileSchema.parse(request);
  if (!isInside(file)) throw new Error(`'${file.path}' is no path in a run's folder`);
  if (documentType(file.path) === undefined) throw new Error(`'${file.path}' can't be opened by itself`);
  return file;
}
