import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** One source file of the project. */
export interface Source {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The TypeScript or JavaScript in it: of a Vue component its script, on the lines where it stands. */
  readonly script: string;
}

const languages = /\.(ts|mts|js|mjs|vue)$/;

/** Folders of things that are installed, built, fetched or generated. */
const notSources = new Set(['node_modules', 'out', 'dist', 'cache', 'generated']);

/** Every source file of the project; folders that are hidden or hold no sources of ours are left out. */
export function readSources(): Source[] {
  return [...pathsIn('')].sort().map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return { path, text, script: path.endsWith('.vue') ? scriptOf(text) : text };
  });
}

function* pathsIn(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}${entry.name}`;
    const isSources = !entry.name.startsWith('.') && !notSources.has(entry.name);
    if (entry.isDirectory() && isSources) yield* pathsIn(`${path}/`);
    else if (entry.isFile() && languages.test(path)) yield path;
  }
}

/** A component's script with everything around it blanked, so that line numbers stay. */
export function scriptOf(component: string): string {
  const match = /<script\b[^>]*>([\s\S]*?)<\/script>/.exec(component);
  if (match?.[1] === undefined) return '';
  const before = component.slice(0, match.index + match[0].indexOf('>') + 1);
  return before.replaceAll(/[^\n]/g, '') + match[1];
}
