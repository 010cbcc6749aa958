import { z } from 'zod';
import { nextKey } from '../experiments/plugins.ts';
import type { Draft } from './draft.ts';

/** A half-filled form as text, to outlive the page. */

const values = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]));
/** Keys are of one page's life. */
const plugin = { key: z.unknown().transform(() => nextKey()), name: z.string(), values };
const number = z
  .number()
  .nullable()
  .transform((value) => value ?? undefined);
const word = z
  .string()
  .nullable()
  .transform((value) => value ?? undefined);
const settings = z.record(z.string(), z.unknown());

const keptSchema = z.object({
  version: z.literal(1),
  draft: z.strictObject({
    name: z.string(),
    seed: z.int().min(0),
    model: z.string(),
    others: z.array(z.string()),
    source: z.enum(['set', 'folder']),
    set: z.string(),
    split: z.enum(['train', 'test']),
    folder: z.string(),
    count: number,
    shuffle: number,
    prefilter: number,
    attacks: z.array(
      z.strictObject({
        ...plugin,
        curve: word,
        curveValues: z.string(),
        target: z.string(),
        channel: z.string(),
        channelValues: values,
      }),
    ),
    defenses: z.array(z.array(z.strictObject(plugin)).min(1)),
    /** Not looked at here: the lab checks what it is given. */
    rest: z.object({
      compare: z.tuple([z.string(), z.string()]).optional(),
      sheet: settings.optional(),
      captures: z.array(settings).optional(),
    }),
  }),
});

export function draftText(draft: Draft): string {
  const { rest, ...fields } = draft;
  const plain = JSON.stringify(fields, (_, value) => (value === undefined ? null : value));
  return JSON.stringify({ version: 1, draft: { ...JSON.parse(plain), rest } });
}

/** A draft from its text; undefined for what is none, or another version's. */
export function readDraft(text: string | null): Draft | undefined {
  try {
    const { data } = keptSchema.safeParse(JSON.parse(text ?? ''));
    return data === undefined ? undefined : { ...data.draft, rest: data.draft.rest as Draft['rest'] };
  } catch {
    return undefined;
  }
}
