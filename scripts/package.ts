/**
 * Installers of the desktop for the system that this runs on, into `dist/`: `npm run package`. Needs a network.
 * Arguments go to electron-builder (`--dir` leaves the application's folder unpacked).
 */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import ts from 'typescript';
import { build } from '../server/build.ts';
import { root } from './sources.ts';

/** Fetched when it is needed: its hundreds of packages are of use to nobody who doesn't make installers. */
const BUILDER = 'electron-builder@26.17.0';

/** The SDK as JavaScript: where an application is installed it lies under `node_modules`, and Node strips no types there. */
export async function writeSdk(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  for (const name of await readdir(from, { recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts') || name.includes('node_modules')) continue;
    const { outputText } = ts.transpileModule(await readFile(join(from, name), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2024,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    const file = join(to, name.replace(/\.ts$/, '.js'));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, outputText);
  }
  const manifest = await readFile(join(from, 'package.json'), 'utf8');
  await writeFile(join(to, 'package.json'), manifest.replaceAll('.ts"', '.js"'));
}

async function main(): Promise<void> {
  await build(root);
  await writeSdk(join(root, 'sdk'), join(root, 'out', 'package', 'sdk'));
  const resources = join(root, 'out', 'package', 'resources');
  await mkdir(resources, { recursive: true });
  const icon = sharp(join(root, 'renderer', 'public', 'icon.svg'), { density: 72 * 64 });
  await icon.resize(1024, 1024).png().toFile(join(resources, 'icon.png'));
  const { status } = spawnSync('npx', ['--yes', BUILDER, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
}

if (import.meta.main) await main();
