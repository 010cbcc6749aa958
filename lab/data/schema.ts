import { readFile } from 'node:fs/promises';
import { type ErrorCode, HalftoneError } from '@halftone/sdk/errors';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';

/** One thing wrong with data that came from outside; `field` is its path, '' for the whole. */
export interface Finding {
  readonly field: string;
  readonly message: string;
}

/** What a schema found, one entry a field. */
export function findingsOf(error: z.ZodError): Finding[] {
  return error.issues.map((issue) => ({
    field: issue.path.map(String).join('.'),
    message: issue.message.replaceAll('\n', ' '),
  }));
}

/** Findings on one line, such as `input.height: expected number; name: too short`. */
export function sayFindings(findings: readonly Finding[]): string {
  return findings.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
}

/**
 * Data from outside, checked. `what` names its origin in the error.
 * Throws `HalftoneError` with the given code and every finding on one line.
 */
export function parseWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
  what: string,
  code: ErrorCode = 'bad-file',
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new HalftoneError(code, `${what}: ${sayFindings(findingsOf(result.error))}`);
}

/** A JSON file, parsed but not checked. Throws `not-found` or `bad-file`, naming the file. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HalftoneError('bad-file', `${path}: not JSON (${(cause as Error).message})`, { cause });
  }
}

/** A YAML or JSON file, parsed but not checked. Throws `not-found`, or `bad-file` naming the file and the line. */
export async function readYaml(path: string): Promise<unknown> {
  return parseYaml(await readText(path), path);
}

/** YAML, of which JSON is a part; `what` names it in errors. Throws `bad-file`, naming the line. */
export function parseYaml(text: string, what: string): unknown {
  try {
    // Aliases are cheap to write and dear to expand; nobody needs a hundred.
    return parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? cause.linePos?.[0].line : undefined;
    const where = line === undefined ? '' : `line ${line}: `;
    const reason = (cause as Error).message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '');
    throw new HalftoneError('bad-file', `${what}: ${where}${reason}`, { cause });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw fileError(path, cause);
  }
}

const reasons: Record<string, string> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'is a folder, a file is needed',
  ENOTDIR: 'part of its path is not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  EEXIST: 'exists already',
};

/** An error of the file system as one clear line; `what` is done to the path: 'read' by default. */
export function fileError(path: string, cause: unknown, what: 'read' | 'write' = 'read'): HalftoneError {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  if (code === 'ENOENT') {
    const text = what === 'read' ? `${path}: no such file` : `can't write ${path}: its folder doesn't exist`;
    return new HalftoneError('not-found', text, { cause });
  }
  const reason = reasons[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new HalftoneError('bad-file', `can't ${what} ${path}: ${reason}`, { cause });
}
