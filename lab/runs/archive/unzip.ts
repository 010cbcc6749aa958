import { createWriteStream } from 'node:fs';
import { mkdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { HalftoneError } from '@halftone/sdk/errors';
import { configure, type FileEntry, Uint8ArrayReader, ZipReader } from '@zip.js/zip.js';
import { checkPath, PathSet } from '../../data/paths.ts';
import { fileError } from '../../data/schema.ts';
import { places } from '../folder.ts';
import { type ArchiveLimits, archiveLimits } from './limits.ts';

// Its workers are a browser's.
configure({ useWebWorkers: false });

/** What other programs put beside the files that they pack. */
const foreign = /^__MACOSX\/|(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/;

/**
 * Unpacks a zip file of a run into a folder that is there and empty. The run lies at the top of the archive or in its
 * only folder. All of the archive is checked before anything is written, and what is written against what was said of
 * it: plain files alone, paths that stay within, no two for one file, nothing encrypted, within the limits.
 * Throws `bad-file`; `what` names the archive. What was written by then is the caller's to remove.
 */
export async function unzipRun(
  bytes: Uint8Array,
  folder: string,
  what: string,
  limits: ArchiveLimits = archiveLimits,
): Promise<void> {
  const reader = new ZipReader(new Uint8ArrayReader(bytes));
  try {
    const files = placed(await entriesOf(reader, what, limits), what, limits);
    for (const { path, entry } of files) await write(entry, join(folder, path), what);
  } finally {
    await reader.close();
  }
}

async function entriesOf(
  reader: ZipReader<Uint8Array>,
  what: string,
  limits: ArchiveLimits,
): Promise<FileEntry[]> {
  const files: FileEntry[] = [];
  let bytes = 0;
  try {
    // The names are checked below, in our own words.
    for await (const entry of reader.getEntriesGenerator({ filenameValidation: 'tolerant' })) {
      if (entry.directory || foreign.test(entry.filename)) continue;
      if (entry.symlink) throw refusal(what, `${shown(entry)} is a symbolic link`);
      if (entry.encrypted)
        throw refusal(what, `${shown(entry)} is encrypted; pack the run without a password`);
      bytes += entry.uncompressedSize;
      if (entry.uncompressedSize > limits.fileBytes || bytes > limits.bytes) {
        throw refusal(what, `unpacked it is larger than ${Math.round(limits.bytes / 2 ** 20)} MiB`);
      }
      files.push(entry);
      if (files.length > limits.files) throw refusal(what, `holds more than ${limits.files} files`);
    }
  } catch (cause) {
    throw cause instanceof HalftoneError ? cause : refusal(what, 'not a zip file, or damaged', cause);
  }
  return files;
}

/** The files of the run, with their paths within it. */
function placed(
  entries: readonly FileEntry[],
  what: string,
  limits: ArchiveLimits,
): { path: string; entry: FileEntry }[] {
  for (const { filename } of entries) {
    checkPath(filename, what, {
      pathLength: limits.pathLength + 200,
      depth: limits.depth + 1,
    });
  }
  const records = entries.filter(({ filename }) => new RegExp(`^([^/]+/)?${places.record}$`).test(filename));
  const [record] = records.sort((a, b) => a.filename.length - b.filename.length);
  if (record === undefined) throw refusal(what, `holds no run: it has no ${places.record}`);
  const top = record.filename.slice(0, -places.record.length);
  const seen = new PathSet();
  return entries.map((entry) => {
    if (!entry.filename.startsWith(top)) throw refusal(what, `holds more than one run's folder`);
    const path = entry.filename.slice(top.length);
    checkPath(path, what, limits);
    seen.add(path, what);
    return { path, entry };
  });
}

async function write(entry: FileEntry, path: string, what: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = Writable.toWeb(createWriteStream(path, { flags: 'wx' })).getWriter();
  let left = entry.uncompressedSize;
  // What is said of a file needn't be so: the disk is not filled before its checksum is known to be wrong.
  const counted = new WritableStream<Uint8Array>({
    async write(chunk) {
      left -= chunk.length;
      if (left < 0) throw refusal(what, `${shown(entry)} is larger than the archive says`);
      await file.write(chunk);
    },
    close: () => file.close(),
    abort: (reason) => file.abort(reason),
  });
  try {
    await entry.getData(counted, { checkCrc32: true, checkOverlappingEntry: true });
    if (left !== 0) throw refusal(what, `${shown(entry)} is smaller than the archive says`);
    await utimes(path, entry.lastModDate, entry.lastModDate);
  } catch (cause) {
    if (cause instanceof HalftoneError) throw cause;
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw fileError(path, cause, 'write');
    throw refusal(what, `${shown(entry)} can't be unpacked (${(cause as Error).message})`, cause);
  }
}

function shown({ filename }: FileEntry): string {
  return JSON.stringify(filename.slice(0, 200));
}

function refusal(what: string, why: string, cause?: unknown): HalftoneError {
  return new HalftoneError('bad-file', `${what}: ${why}`, { cause });
}
