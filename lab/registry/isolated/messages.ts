import { z } from 'zod';
import type { Question } from './wire.ts';

/** What may be in a frame from a plugin's process. Whatever it sends is checked here before anything looks at it. */

/** Text for people: short, on one line, nothing that moves a terminal's cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const control = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
const text = (most: number) =>
  z
    .string()
    .max(most)
    .refine((value) => !control.test(value), 'holds control characters');

const count = z.int().min(1).max(1_000_000);
const shape = z.tuple([count, count, count, count]);
const handle = z.int().min(0);
const seedWords = z.array(z.int().min(0).max(0xffffffff)).max(1000);

const arrays = z
  .array(
    z.strictObject({
      type: z.enum(['float32', 'int32']),
      length: z
        .int()
        .min(0)
        .max(2 ** 30),
    }),
  )
  .max(8);

const criterion = z.enum(['untargeted', 'targeted']);
const objective = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cross-entropy'), temperature: z.number().positive().optional() }),
  z.strictObject({ kind: z.literal('margin'), kappa: z.number().min(0).optional() }),
  z.strictObject({ kind: z.literal('logit-difference') }),
]);

const question = [
  z.strictObject({ type: z.enum(['labels', 'logits', 'probabilities', 'backward']), shape, arrays }),
  z.strictObject({ type: z.literal('gradient'), shape, criterion, objective, arrays }),
  z.strictObject({ type: z.literal('channel'), shape, randoms: z.array(seedWords), arrays }),
  z.strictObject({ type: z.literal('pull'), handle, shape, arrays }),
  z.strictObject({ type: z.literal('leave'), handle, arrays }),
] as const;

const notice = [
  z.strictObject({ type: z.literal('progress'), fraction: z.number().min(0).max(1), arrays }),
  z.strictObject({ type: z.literal('report'), shape, arrays }),
] as const;

const outcome = [
  z.strictObject({
    type: z.literal('done'),
    shape: z.array(z.int().min(0)).max(8).optional(),
    value: z.unknown().optional(),
    pullback: z.boolean().optional(),
    arrays,
  }),
  z.strictObject({
    type: z.literal('failed'),
    code: z.string().max(40).optional(),
    message: z.string().max(20_000),
    stack: z.string().max(20_000).optional(),
    arrays,
  }),
] as const;

/** Every header that a process may send. */
export const incoming = z.discriminatedUnion('type', [...question, ...notice, ...outcome]);
export type Incoming = z.infer<typeof incoming>;
export type IncomingOutcome = Extract<Incoming, { type: 'done' | 'failed' }>;
export type IncomingNotice = Extract<Incoming, { type: 'progress' | 'report' }>;
export type IncomingQuestion = Extract<Incoming, { type: Question['type'] }>;

/** What a notice is; the rest are questions and outcomes. */
export function isNotice(message: Incoming): message is IncomingNotice {
  return message.type === 'progress' || message.type === 'report';
}

export function isOutcome(message: Incoming): message is IncomingOutcome {
  return message.type === 'done' || message.type === 'failed';
}

/** A plugin's words for the eyes of a person: control characters out, at most so many. */
export function plainText(words: string, most = 300): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  const plain = words.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim();
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}

const derived = z.strictObject({ rule: text(300) });
const help = text(500).min(1);
const parameter = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.enum(['number', 'integer']),
    unit: z.enum(['intensity', 'mm', 'degrees', 'ms', 'none']).optional(),
    min: z.number(),
    max: z.number(),
    default: z.union([z.number(), derived]),
    help,
  }),
  z.strictObject({ type: z.literal('boolean'), default: z.boolean(), help }),
  z.strictObject({ type: z.literal('choice'), choices: z.array(text(100)).min(1), default: text(100), help }),
]);

const published = {
  apiVersion: z.literal(1),
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  title: text(200).min(1),
  summary: text(2000).min(1),
  paper: z
    .object({ authors: text(500), title: text(500), year: z.int(), url: text(500).regex(/^https?:\/\//) })
    .optional(),
  departures: z.array(text(2000)),
  parameters: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/), parameter),
  functions: z.array(z.string()),
  defaults: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
};

const normName = z.enum(['linf', 'l2', 'l1', 'l0']);

/** An attack as its process describes it. */
export const attackDescription = z.object({
  ...published,
  kind: z.literal('attack'),
  paper: published.paper.unwrap(),
  access: z.enum(['white-box', 'score', 'decision']),
  needs: z.array(z.literal('channel')).optional(),
  criteria: z.array(criterion).min(1),
  norm: z.union([normName, z.strictObject({ parameter: z.string() })]),
  budget: z.string().optional(),
  scope: z.enum(['image', 'set']).optional(),
});

/** A channel as its process describes it. */
export const channelDescription = z.object({ ...published, kind: z.literal('channel') });

/** A defence as its process describes it. */
export const defenseDescription = z.object({
  ...published,
  kind: z.literal('defense'),
  type: z.enum(['transform', 'train']),
});

const described = {
  apiVersion: z.literal(1),
  name: published.name,
  title: published.title,
  summary: published.summary,
  source: text(2000),
  licence: text(500),
};

/** A model as its process describes it. */
export const modelDescription = z.object({ ...described, kind: z.literal('model'), file: text(500) });

const extent = z.int().min(1).max(10_000);
const part = z.object({ count: z.int().min(0).max(100_000_000) });

/** A data set as its process describes it. */
export const datasetDescription = z.object({
  ...described,
  kind: z.literal('dataset'),
  classes: z.array(text(200)).min(2).max(100_000),
  input: z.object({ height: extent, width: extent, channels: z.union([z.literal(1), z.literal(3)]) }),
  train: part,
  test: part,
});

export type DescribedParameters = z.infer<typeof attackDescription>['parameters'];
