import { HalftoneError } from '@halftone/sdk/errors';

/**
 * Tar archives, as far as data sets come in them: plain files with short names (POSIX ustar). A header of 512
 * bytes, the file's bytes, zeros up to the next 512. Other entries (folders, links, long names) are passed over.
 */
const block = 512;

/** The plain files of an archive, by their path in it, as views on its bytes. Throws `bad-file`; `what` names it. */
export function tarFiles(bytes: Uint8Array, what: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + block <= bytes.length; ) {
    const header = bytes.subarray(at, at + block);
    // Zeros end an archive.
    if (header.every((byte) => byte === 0)) break;
    const size = Number.parseInt(text(header, 124, 12).trim(), 8);
    if (!hasChecksum(header) || !Number.isSafeInteger(size)) {
      throw new HalftoneError('bad-file', `${what}: not a tar archive, or damaged at byte ${at}`);
    }
    const start = at + block;
    if (start + size > bytes.length) throw new HalftoneError('bad-file', `${what}: truncated at its end`);
    const type = text(header, 156, 1);
    if (type === '0' || type === '') files.set(text(header, 0, 100), bytes.subarray(start, start + size));
    at = start + Math.ceil(size / block) * block;
  }
  return files;
}

/** A field's characters up to its first zero. */
function text(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Whether the header's bytes add up to what it says, the sum's own eight bytes counted as spaces. */
function hasChecksum(header: Uint8Array): boolean {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  return sum === Number.parseInt(text(header, 148, 8).trim(), 8);
}
