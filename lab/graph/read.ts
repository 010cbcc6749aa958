import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { checkGraph } from './check.ts';
import { GraphError } from './errors.ts';
import { constantsToInitializers } from './file/constants.ts';
import { decodeGraph, opsetOf, parseModel } from './file/decode.ts';
import type { ReadExternal } from './file/external.ts';
import { widenHalf } from './half.ts';
import type { Graph } from './ir.ts';
import { upgradeGraph } from './upgrade/index.ts';

export interface ImportOptions {
  /** Gives the bytes of tensors stored in files beside the model; without it such a model is refused. */
  readonly readExternal?: ReadExternal;
  /** Where the bytes came from, for errors. */
  readonly path?: string;
}

/**
 * Reads an ONNX file (opset 9 to 21) into a checked graph of the canonical opset that computes in float32.
 * Weights are views of `bytes` where their alignment allows: don't change the bytes afterwards.
 * @throws GraphError naming the value, operator and node for a damaged file (code 'bad-file'), a graph that
 * contradicts itself or is of another opset ('bad-graph'), and constructs that we can't handle
 * ('unsupported-operator'): functions, control flow. Operators that we don't know are let through.
 */
export function importModel(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  try {
    const model = parseModel(bytes);
    const opset = opsetOf(model);
    const graph = decodeGraph(model, options.readExternal);
    constantsToInitializers(graph);
    checkGraph(graph);
    widenHalf(graph);
    upgradeGraph(graph, opset);
    graph.types.clear();
    return graph;
  } catch (error) {
    if (options.path === undefined || !(error instanceof GraphError)) throw error;
    error.message = `${basename(options.path)}: ${error.message}`;
    throw error;
  }
}

/** A reader of the files in the model's folder; links that lead out of it are refused. */
function folderReader(modelPath: string): ReadExternal {
  const folder = realpathSync(dirname(modelPath));
  return (location, offset, length) => {
    const bad = (what: string, cause?: unknown) =>
      new GraphError(`The external data file '${location}' ${what}`, { code: 'bad-file', cause });
    let file: number;
    try {
      const path = realpathSync(join(folder, location));
      if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) {
        throw bad("is a link that leaves the model's folder");
      }
      file = openSync(path, 'r');
    } catch (cause) {
      throw cause instanceof GraphError ? cause : bad("can't be opened; it belongs beside the model", cause);
    }
    try {
      const size = fstatSync(file).size;
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let done = 0;
      while (done < bytes.length) {
        const count = readSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30), offset + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    } finally {
      closeSync(file);
    }
  };
}

/**
 * Reads the ONNX file at `path`, and the external data files beside it that it names; see `importModel`.
 * @throws GraphError (code 'not-found') when there is no such file, and as `importModel` does, its text
 * starting with the file's name.
 */
export async function readModelFile(path: string): Promise<Graph> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (absent) throw new GraphError(`There is no model file ${path}`, { code: 'not-found', cause });
    throw new GraphError(`The model file ${path} can't be read: ${(cause as Error).message}`, {
      code: 'bad-file',
      cause,
    });
  }
  return importModel(bytes, { path, readExternal: folderReader(path) });
}
