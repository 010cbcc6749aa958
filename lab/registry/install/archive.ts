import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HalftoneError } from '@halftone/sdk/errors';
import { checkPath, PathSet } from '../../data/paths.ts';
import type { InstallLimits } from './limits.ts';

/** A plain file of an archive, its path without the archive's first folder. */
export interface ArchivedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;

/**
 * The files of a package's archive (.tgz), all checked before any is written: plain files and folders alone, paths
 * that stay within, no two for one file, within the limits. Throws `bad-plugin`; `what` names the archive.
 */
export async function readArchive(
  packed: Uint8Array,
  what: string,
  limits: InstallLimits,
): Promise<ArchivedFile[]> {
  if (packed.length > limits.archiveBytes) throw tooLarge(what, 'as it comes', limits.archiveBytes);
  const bytes = await unpacked(packed, what, limits);
  const files: ArchivedFile[] = [];
  const paths = new PathSet('bad-plugin');
  for (const { path, type, body } of entries(bytes, what)) {
    if (type === 'folder') continue;
    const inside = path.split('/').slice(1).join('/');
    checkPath(path, what, { ...limits, pathLength: limits.pathLength + 100 }, 'bad-plugin');
    checkPath(inside, what, limits, 'bad-plugin');
    paths.add(inside, what);
    files.push({ path: inside, bytes: body });
    if (files.length > limits.files) {
      throw new HalftoneError('bad-plugin', `${what}: holds more than ${limits.files} files`);
    }
  }
  return files;
}

async function unpacked(
  packed: Uint8Array,
  what: string,
  { bytes, files }: InstallLimits,
): Promise<Uint8Array> {
  // Headers and padding come on top of what files hold.
  const most = bytes + files * 2 * BLOCK;
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: most });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(what, 'unpacked', bytes);
    throw new HalftoneError('bad-plugin', `${what}: not a packed archive (.tgz)`, { cause });
  }
}

function tooLarge(what: string, how: string, bytes: number): HalftoneError {
  return new HalftoneError('bad-plugin', `${what}: larger than ${Math.round(bytes / 2 ** 20)} MiB ${how}`);
}

interface Entry {
  readonly path: string;
  readonly type: 'file' | 'folder';
  readonly body: Uint8Array;
}

/** What the next entry is called where its own header has no room for it. */
interface Override {
  path?: string;
  size?: number;
}

/** The entries of a tar archive, POSIX ustar and pax, and GNU's long names. */
function* entries(bytes: Uint8Array, what: string): Generator<Entry> {
  let override: Override = {};
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    if (!hasChecksum(header)) throw damaged(what, at);
    const size = override.size ?? number(header, 124, 12);
    const start = at + BLOCK;
    if (!Number.isSafeInteger(size) || size < 0 || start + size > bytes.length) throw damaged(what, at);
    const body = bytes.subarray(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]!);
    if (type === 'x') override = { ...override, ...paxFields(body, what) };
    else if (type === 'L') override.path = text(body, 0, body.length);
    // Fields for all entries: where the archive came from, as GitHub writes it.
    else if (type !== 'g') {
      yield {
        path: override.path ?? pathOf(header),
        type: typeOf(type, what, override.path ?? pathOf(header)),
        body,
      };
      override = {};
    }
  }
}

function typeOf(type: string, what: string, path: string): Entry['type'] {
  if (type === '0' || type === '\0' || type === '7') return path.endsWith('/') ? 'folder' : 'file';
  if (type === '5') return 'folder';
  const kind = { '1': 'a hard link', '2': 'a symbolic link' }[type] ?? 'neither a file nor a folder';
  throw new HalftoneError('bad-plugin', `${what}: ${JSON.stringify(path.slice(0, 200))} is ${kind}`);
}

function pathOf(header: Uint8Array): string {
  const name = text(header, 0, 100);
  const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Records such as `30 path=package/a/long/name\n`, the number being the record's length. */
function paxFields(body: Uint8Array, what: string): Override {
  const fields: Override = {};
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = Number(text(body, at, Math.max(space - at, 0)));
    if (space < 0 || !Number.isSafeInteger(length) || length < 5 || at + length > body.length)
      throw damaged(what, at);
    const record = new TextDecoder().decode(body.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    if (key === 'path') fields.path = value;
    if (key === 'size') fields.size = Number(value);
    at += length;
  }
  return fields;
}

function damaged(what: string, at: number): HalftoneError {
  return new HalftoneError('bad-plugin', `${what}: not a tar archive, or damaged at byte ${at}`);
}

/** A field's characters up to its first zero. */
function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function number(header: Uint8Array, start: number, length: number): number {
  return Number.parseInt(text(header, start, length).trim() || '0', 8);
}

/** Whether the header's bytes add up to what it says, the sum's own eight bytes counted as spaces. */
function hasChecksum(header: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : header[i]!;
  return sum === number(header, 148, 8);
}
