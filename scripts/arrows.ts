/**
 * The folders' import rule: electron, server, cli → lab → sdk; plugins → sdk; renderer → lab/api.ts and
 * lab/vision. Nothing imports a host, but for the one door that `halftone start` goes through.
 * `node scripts/arrows.ts` prints each import that goes against it and ends with 1 where there is one.
 */
import { dirname, join, normalize } from 'node:path/posix';
import ts from 'typescript';
import { readSources } from './sources.ts';

/** What a folder may import of the project beside itself: files, or folders ending in `/`. */
const allowed: Record<string, readonly string[]> = {
  sdk: [],
  lab: ['sdk/'],
  plugins: ['sdk/'],
  renderer: ['lab/api.ts', 'lab/vision/'],
  electron: ['lab/', 'sdk/'],
  server: ['lab/', 'sdk/'],
  cli: ['lab/', 'sdk/', 'server/start.ts'],
  bench: ['lab/', 'sdk/', 'plugins/', 'server/', 'scripts/', 'e2e/'],
  fixtures: ['lab/', 'sdk/'],
  models: ['lab/', 'sdk/'],
  scripts: ['lab/', 'sdk/', 'server/', 'cli/', 'renderer/', 'plugins/', 'e2e/'],
  e2e: ['lab/', 'sdk/', 'server/', 'cli/', 'renderer/', 'plugins/', 'scripts/'],
};

/** What tests may reach beside what their folder may: data, the built-in plugins, and the finder of a browser. */
const allowedInTests = ['fixtures/', 'plugins/', 'scripts/browser.ts'];

/** What plugins may load beside the sdk: the library whose tensors they compute with. */
const pluginPackage = /^@tensorflow\/tfjs-core$/;

/** An import that goes against the rule. */
export interface WrongArrow {
  readonly from: string;
  readonly line: number;
  readonly to: string;
}

/** The imports of one file that go against the rule. `path` is from the project's root. */
export function wrongArrows(path: string, script: string): WrongArrow[] {
  const { importedFiles } = ts.preProcessFile(script, true, true);
  return importedFiles
    .filter(({ fileName }) => !isAllowed(path, fileName))
    .map(({ fileName, pos }) => ({ from: path, line: lineAt(script, pos), to: fileName }));
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** Where in the project an import leads, from its root; undefined for a package or a part of Node. */
function projectPath(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier));
  const own = /^@halftone\/(sdk|cli)(?:\/(.*))?$/.exec(specifier);
  return own ? `${own[1]}/${own[2] ?? 'index'}` : undefined;
}

function isAllowed(from: string, specifier: string): boolean {
  const folder = topFolder(from);
  const rule = allowed[folder];
  // Configuration files at the root belong to no folder.
  if (rule === undefined) return true;
  const isTest = /\.test\.ts$/.test(from);
  const to = projectPath(from, specifier);
  if (to === undefined) return folder !== 'plugins' || isTest || pluginPackage.test(specifier);
  const own = folder === 'plugins' ? `${from.split('/').slice(0, 2).join('/')}/` : `${folder}/`;
  const places = [own, ...rule, ...(isTest ? allowedInTests : [])];
  return places.some((place) => (place.endsWith('/') ? to.startsWith(place) : to === place));
}

function topFolder(path: string): string {
  return path.split('/', 1)[0] ?? '';
}

if (import.meta.main) {
  const wrong = readSources().flatMap(({ path, script }) => wrongArrows(path, script));
  for (const { from, line, to } of wrong) {
    process.stdout.write(`${from}:${line} may not import ${to} (see scripts/arrows.ts)\n`);
  }
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
