import { randomBytes } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import {
  type Comparison,
  type ComparisonListed,
  type ComparisonsApi,
  comparisonSchema,
  defendSchema,
  transferSchema,
} from '../api/contract/comparisons.ts';
import type { Job } from '../api/contract/jobs.ts';
import { writeAtomic } from '../data/atomic.ts';
import { makeFolder } from '../data/folders.ts';
import { fileError, parseWith, readJson } from '../data/schema.ts';
import { json } from '../runs/folder.ts';
import { checkDefend, compareDefenses } from './compare-defenses.ts';
import { checkTransfer, compareModels } from './compare-models.ts';
import type { LabContext } from './context.ts';
import type { JobOptions } from './jobs.ts';

/** Comparisons on files: a JSON file each in the lab's folder. */
export function createComparisonsService(context: LabContext): ComparisonsApi {
  const { jobs } = context;
  const folder = folderOf(context);
  const removed = join(folder, 'removed');
  const pathOf = (id: string) => join(folder, `${id}.json`);
  const read = async (path: string) => parseWith(comparisonSchema, await readJson(path), path);

  return {
    async startTransfer(input) {
      const request = transferSchema.parse(input);
      await checkTransfer(context, request);
      const { sources, targets, title = `${sources.join(', ')} → ${targets.join(', ')}` } = request;
      const comparison = { ...blank(title), kind: 'transfer', request } as const;
      return begin(context, comparison, (options) => compareModels(context, request, options));
    },
    async startDefend(input) {
      const request = defendSchema.parse(input);
      await checkDefend(context, request);
      const chains = request.chains.map((chain) => chain.map(({ name }) => name).join(' + '));
      const { title = `${request.attack.name} on ${request.model}: ${chains.join(', ')}` } = request;
      const comparison = { ...blank(title), kind: 'defend', request } as const;
      return begin(context, comparison, (options) => compareDefenses(context, request, options));
    },
    async listComparisons() {
      const files = await readdir(folder).catch((): string[] => []);
      const names = files.filter((name) => name.endsWith('.json') && !name.startsWith('.'));
      const kept = await Promise.all(names.map((name) => read(join(folder, name)).then(listed, unreadable)));
      return kept.flat().sort((a, b) => (a.created < b.created ? 1 : -1));
    },
    openComparison: ({ id }) => read(pathOf(id)),
    async removeComparison({ id }) {
      if (jobs.atWorkOn(id) !== undefined) {
        throw new HalftoneError('bad-argument', 'the comparison is at work; cancel it first');
      }
      await makeFolder(removed);
      await move(pathOf(id), join(removed, `${id}.json`));
      jobs.changed('comparisons');
    },
    async restoreComparison({ id }) {
      await move(join(removed, `${id}.json`), pathOf(id));
      jobs.changed('comparisons');
    },
  };
}

function folderOf({ dataDir }: LabContext): string {
  return join(dataDir, 'comparisons');
}

/** Keeps what was asked for and begins the job that answers it. */
async function begin(
  context: LabContext,
  comparison: Comparison,
  work: (options: JobOptions) => Promise<Comparison['result']>,
): Promise<Job> {
  const { id, kind, title } = comparison;
  const folder = folderOf(context);
  const path = join(folder, `${id}.json`);
  await makeFolder(folder);
  await writeAtomic(path, json(comparison));
  return context.jobs.start({
    kind,
    subject: id,
    title,
    topics: ['comparisons'],
    work: async (options) => {
      const result = await work(options);
      await writeAtomic(path, json({ ...comparison, result }));
    },
  });
}

function blank(title: string) {
  const created = new Date().toISOString();
  const id = `${created.replaceAll(/\D/g, '').slice(0, 14)}-${randomBytes(3).toString('hex')}`;
  return { version: 1, id, title: title.slice(0, 200), created } as const;
}

function listed({ id, kind, title, created, result }: Comparison): ComparisonListed[] {
  return [{ id, kind, title, created, done: result !== undefined }];
}

/** A file that can't be read must not hide the others. */
function unreadable(error: unknown): ComparisonListed[] {
  if (error instanceof HalftoneError) return [];
  throw error;
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch((cause: unknown) => {
    throw fileError(from, cause, 'write');
  });
}
