/**
 * Limits that keep files and functions readable: 400 lines a file, 60 a function (a test's blocks are exempt).
 * `node scripts/sizes.ts` prints what is beyond them and the code lines of each folder; ends with 1 where
 * something is beyond.
 */
import ts from 'typescript';
import { readSources, type Source } from './sources.ts';

export const MOST_LINES = 400;
export const MOST_FUNCTION_LINES = 60;

/** A file or function that is too long. */
export interface TooLong {
  readonly path: string;
  readonly line: number;
  /** Undefined for the file as a whole. */
  readonly name?: string;
  readonly lines: number;
}

/** What of a file is beyond the limits. */
export function tooLong({ path, text, script }: Source): TooLong[] {
  const lines = text.trimEnd().split('\n').length;
  const file = lines > MOST_LINES ? [{ path, line: 1, lines }] : [];
  return /\.test\.ts$/.test(path) ? file : [...file, ...longFunctions(path, script)];
}

function longFunctions(path: string, script: string): TooLong[] {
  const tree = ts.createSourceFile(path, script, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const lineOf = (position: number) => tree.getLineAndCharacterOfPosition(position).line + 1;
  const found: TooLong[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const line = lineOf(node.getStart(tree));
      const lines = lineOf(node.end) - line + 1;
      if (lines > MOST_FUNCTION_LINES) found.push({ path, line, name: nameOf(node), lines });
    }
    ts.forEachChild(node, look);
  };
  look(tree);
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return named?.getText() ?? 'a function without a name';
}

/** Lines that are neither blank nor nothing but a comment. */
export function codeLines(script: string): number {
  const comment = /^\s*(\/\/|\/\*|\*|<!--)/;
  return script.split('\n').filter((line) => line.trim() !== '' && !comment.test(line)).length;
}

function folderOf(path: string): string {
  const parts = path.split('/');
  if (parts.length === 1) return '.';
  return parts[0] === 'lab' && parts.length > 2 ? `lab/${parts[1]}` : parts[0]!;
}

function printTable(sources: readonly Source[]): void {
  const byFolder = new Map<string, { code: number; tests: number }>();
  for (const { path, text } of sources) {
    const count = byFolder.get(folderOf(path)) ?? { code: 0, tests: 0 };
    count[/\.test\.ts$/.test(path) ? 'tests' : 'code'] += codeLines(text);
    byFolder.set(folderOf(path), count);
  }
  process.stdout.write('code lines   of tests   folder\n');
  for (const [folder, { code, tests }] of byFolder) {
    process.stdout.write(`${String(code).padStart(10)} ${String(tests).padStart(10)}   ${folder}\n`);
  }
}

if (import.meta.main) {
  const sources = readSources();
  printTable(sources);
  const long = sources.flatMap(tooLong);
  for (const { path, line, name, lines } of long) {
    const what =
      name === undefined
        ? `the file has ${lines} lines, ${MOST_LINES} are the most`
        : `${name} has ${lines} lines, ${MOST_FUNCTION_LINES} are the most`;
    process.stdout.write(`${path}:${line} ${what}\n`);
  }
  process.exitCode = long.length > 0 ? 1 : 0;
}
