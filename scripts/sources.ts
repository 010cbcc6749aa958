import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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

/** Every source file that git knows or would take, generated ones left out. */
export function readSources(): Source[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
  });
  const paths = [...new Set(listed.toString().split('\0'))].sort();
  return paths
    .filter((path) => languages.test(path) && !path.includes('/generated/') && existsSync(join(root, path)))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, script: path.endsWith('.vue') ? scriptOf(text) : text };
    });
}

/** A component's script with everything around it blanked, so that line numbers stay. */
export function scriptOf(component: string): string {
  const match = /<script\b[^>]*>([\s\S]*?)<\/script>/.exec(component);
  if (match?.[1] === undefined) return '';
  const before = component.slice(0, match.index + match[0].indexOf('>') + 1);
  return before.replaceAll(/[^\n]/g, '') + match[1];
}
