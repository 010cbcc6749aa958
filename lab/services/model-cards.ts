import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import type { ModelDetail, ModelGraph, WrittenCard } from '../api/contract/models.ts';
import { writeAtomic } from '../data/atomic.ts';
import type { Graph } from '../graph/ir.ts';
import type { ShelvedModel } from '../library.ts';
import { findCard, loadCard, type ModelCard, parseCard } from '../runtime/card.ts';

/** Everything that is known of a model. What can't be read is null, and `problem` says why. */
export async function describeFully({ path, summary }: ShelvedModel): Promise<ModelDetail> {
  const sha256 = await checksumOf(path);
  const card = await loadCard(path).catch(nullOf);
  return { summary, card: card ?? null, sha256, ...(await graphOf(path, card ?? undefined)) };
}

async function checksumOf(path: string): Promise<string> {
  const bytes = await readFile(path).catch(nullOf);
  return bytes === null ? '' : createHash('sha256').update(bytes).digest('hex');
}

/** What can't be read is said elsewhere: by the list, or by the graph. */
function nullOf(): null {
  return null;
}

async function graphOf(
  path: string,
  card: ModelCard | undefined,
): Promise<Pick<ModelDetail, 'graph' | 'problem'>> {
  const { prepareModel } = await import('../runtime/prepare.ts');
  let graph: ModelGraph | null = null;
  try {
    const source = await readGraph(path);
    graph = factsOf(source);
    const { classes } = prepareModel(source, 'the model', card);
    const named = card?.classes?.length ?? classes;
    if (named !== classes) return { graph: { ...graph, classes }, problem: otherCount(named, classes) };
    return { graph: { ...graph, classes } };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { graph, problem: error.message };
  }
}

async function readGraph(path: string): Promise<Graph> {
  const { readModelFile } = await import('../graph/index.ts');
  return readModelFile(path);
}

function factsOf({ inputs, initializers, nodes }: Graph): ModelGraph {
  let parameters = 0;
  for (const { data } of initializers.values()) parameters += data.length;
  return { input: inputs[0]?.shape ?? null, parameters, nodes: nodes.length };
}

function otherCount(named: number, classes: number): string {
  return `the card names ${named} ${named === 1 ? 'class' : 'classes'}, the model has ${classes}`;
}

/**
 * Writes the card of a model beside it, in place of the one that is there; how it was trained is kept of that.
 * Throws `bad-file` for a card that can't be, naming the field, `bad-argument` for one that doesn't go with the graph.
 */
export async function writeCard({ path, summary }: ShelvedModel, written: WrittenCard): Promise<void> {
  const before = await loadCard(path).catch(nullOf);
  const { training } = before ?? {};
  const value = { ...written, ...(training === undefined ? {} : { training }) };
  const what = `the card of ${summary.file}`;
  const fallbackName = summary.file.replace(/\.onnx$/i, '');
  const card = await parseCard(value, { folder: dirname(path), what, fallbackName });
  await checkAgainstGraph(path, card, what);
  await writeAtomic((await findCard(path)) ?? `${path}.json`, `${JSON.stringify(card, null, 2)}\n`);
}

async function checkAgainstGraph(path: string, card: ModelCard, what: string): Promise<void> {
  const { prepareModel } = await import('../runtime/prepare.ts');
  const graph = await readGraph(path);
  const { classes } = prepared(() => prepareModel(graph, card.name, card), what);
  const named = card.classes?.length ?? classes;
  if (named !== classes) throw new HalftoneError('bad-argument', otherCount(named, classes));
}

function prepared<T>(make: () => T, what: string): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new HalftoneError('bad-argument', `${what}: ${cause.message}`, { cause });
  }
}
