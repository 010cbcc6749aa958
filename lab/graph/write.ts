import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { GraphError } from './errors.ts';
import {
  bytesOf,
  encodeGraphHeader,
  encodeModelHeader,
  externalTensor,
  tensorHeader,
} from './file/encode.ts';
import { type TensorProto, TensorProtoSchema } from './generated/onnx_pb.js';
import type { Graph, Tensor } from './ir.ts';

/** Protobuf messages end at 2 GiB; some room is left for what isn't weights. */
const LARGEST_MESSAGE = 2 ** 31 - 2 ** 24;
/** Data files are laid out in pages, so that runtimes can map them into memory. */
const PAGE = 4096;

// Keys (field number, wire type "length-delimited") of the fields that we frame by hand.
const MODEL_GRAPH = (7 << 3) | 2;
const GRAPH_INITIALIZER = (5 << 3) | 2;
const TENSOR_RAW_DATA = (9 << 3) | 2;

/** Key and length of a length-delimited field whose bytes follow. */
function frame(key: number, length: number): Uint8Array {
  const bytes = [key];
  let rest = length;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}

/** Initializer as the pieces of its message: weights stay where they are until the file is filled. */
function initializerParts(header: TensorProto, data: Uint8Array | undefined): Uint8Array[] {
  const parts: Uint8Array[] = [toBinary(TensorProtoSchema, header)];
  if (data !== undefined) parts.push(frame(TENSOR_RAW_DATA, data.byteLength), data);
  return [frame(GRAPH_INITIALIZER, totalLength(parts)), ...parts];
}

/**
 * The file in pieces, by reference. The graph is framed by hand rather than built as one message, since
 * the library would copy every weight once for each level of nesting.
 */
function modelParts(graph: Graph, initializers: readonly Uint8Array[]): Uint8Array[] {
  const body = [encodeGraphHeader(graph), ...initializers];
  const length = totalLength(body);
  if (length > LARGEST_MESSAGE) {
    throw new GraphError('The model exceeds 2 GB: write it to a file, with its weights beside it', {
      code: 'bad-argument',
    });
  }
  return [encodeModelHeader(graph), frame(MODEL_GRAPH, length), ...body];
}

function embeddedParts(graph: Graph): Uint8Array[] {
  const initializers = [...graph.initializers].flatMap(([name, tensor]) =>
    initializerParts(tensorHeader(name, tensor), bytesOf(tensor)),
  );
  return modelParts(graph, initializers);
}

/**
 * The graph as an ONNX file (opset 21, IR version 10): the input of a session, or of `importModel`.
 * Inferred types are not written.
 * @throws GraphError when it exceeds 2 GB; see `writeModelFile`.
 */
export function writeModel(graph: Graph): Uint8Array<ArrayBuffer> {
  const parts = embeddedParts(graph);
  const file = new Uint8Array(totalLength(parts));
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.byteLength;
  }
  return file;
}

/** Writes a file under a temporary name beside `path` and gives it its name when it is whole. */
async function writeWhole(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await fill(file);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeParts(file: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) {
    let done = 0;
    while (done < part.byteLength) {
      // One system call writes at most 2 GiB.
      const { bytesWritten } = await file.write(part, done, Math.min(part.byteLength - done, 2 ** 30));
      done += bytesWritten;
    }
  }
}

function padded(length: number): number {
  return Math.ceil(length / PAGE) * PAGE;
}

/** Weights of at least a page go to the data file, each at the start of a page. */
async function writeExternal(path: string, graph: Graph): Promise<void> {
  const location = `${basename(path)}.data`;
  const moved = (tensor: Tensor) => tensor.data.byteLength >= PAGE;
  let offset = 0;
  const initializers: Uint8Array[] = [];
  for (const [name, tensor] of graph.initializers) {
    if (moved(tensor)) {
      initializers.push(...initializerParts(externalTensor(name, tensor, location, offset), undefined));
      offset += padded(tensor.data.byteLength);
    } else {
      initializers.push(...initializerParts(tensorHeader(name, tensor), bytesOf(tensor)));
    }
  }
  const parts = modelParts(graph, initializers);
  await writeWhole(join(dirname(path), location), async (file) => {
    for (const tensor of graph.initializers.values()) {
      if (!moved(tensor)) continue;
      const bytes = bytesOf(tensor);
      await writeParts(file, [bytes, new Uint8Array(padded(bytes.byteLength) - bytes.byteLength)]);
    }
  });
  await writeWhole(path, (file) => writeParts(file, parts));
}

/**
 * Writes the graph as the ONNX file `path`; the file appears whole or not at all. When the weights exceed
 * `externalAbove` bytes (default: what one ONNX file can hold, just below 2 GB), they go to `<path>.data`.
 * @throws the file system's error when the folder can't be written.
 */
export async function writeModelFile(
  path: string,
  graph: Graph,
  options: { readonly externalAbove?: number } = {},
): Promise<void> {
  const limit = options.externalAbove ?? LARGEST_MESSAGE - 2 ** 26;
  const weights = [...graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (weights > limit) await writeExternal(path, graph);
  else await writeWhole(path, (file) => writeParts(file, embeddedParts(graph)));
}
