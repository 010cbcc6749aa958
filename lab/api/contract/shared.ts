import { z } from 'zod';

/** Pieces that requests of several slices are made of. */

const megabyte = 2 ** 20;

/** Bytes of one file that a person hands in; more than `limit` is a mistake, not a picture or a classifier. */
export function bytesUpTo(limit: number) {
  return z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length > 0, 'the file is empty')
    .refine((bytes) => bytes.length <= limit, `the file is larger than ${limit / megabyte} MB`);
}

/** The largest classifier that is taken over the line. */
export const modelBytes = bytesUpTo(1024 * megabyte);

/** The largest picture. */
export const imageBytes = bytesUpTo(256 * megabyte);

export const fileName = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !/[/\\\0]/.test(name) && name !== '.' && name !== '..', 'a file name without folders');

/** A method that takes nothing. */
export const nothing = z.undefined().or(z.null());

/** Names a thing of the lab's folder: a run, an installed plugin, a kept comparison. */
export const named = z.strictObject({ id: fileName });

/** A parameter's value, as forms and recipes give it: `8/255` is text. */
export const parameterValue = z.union([z.number(), z.string().max(200), z.boolean()]);

/** Parameters by name; the plugin's defaults for the rest. */
export const parameterValues = z.record(z.string().max(100), parameterValue);
