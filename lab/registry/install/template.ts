import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { fileError } from '../../data/schema.ts';
import { exists } from './stage.ts';
import { type TemplateKind, templateFiles } from './template-files.ts';

export { TEMPLATE_KINDS, type TemplateKind } from './template-files.ts';

/** What the template's test imports, linked to where it lies here, so that nothing needs to be installed first. */
const linked = ['@halftone/sdk', '@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'];

/**
 * Writes a plugin that works, with its test, into a new folder of its name. Throws `bad-argument` for a name that is
 * none or a folder that is there already.
 */
export async function writeTemplate(
  parent: string,
  name: string,
  kind: TemplateKind,
): Promise<{ folder: string; files: string[] }> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new HalftoneError(
      'bad-argument',
      `'${name}' is no plugin's name: lower-case letters, digits and hyphens`,
    );
  }
  const folder = join(parent, name);
  if (await exists(folder)) throw new HalftoneError('bad-argument', `${folder} is there already`);
  const files = templateFiles(name, kind);
  try {
    await mkdir(folder, { recursive: true });
    for (const [path, text] of Object.entries(files))
      await writeFile(join(folder, path), text, { flag: 'wx' });
    await linkPackages(folder);
  } catch (cause) {
    throw fileError(folder, cause, 'write');
  }
  return { folder, files: Object.keys(files) };
}

async function linkPackages(folder: string): Promise<void> {
  const require = createRequire(import.meta.url);
  for (const name of linked) {
    const target = dirname(
      name === '@halftone/sdk' ? require.resolve(name) : require.resolve(`${name}/package.json`),
    );
    const link = join(folder, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    // A junction on Windows, where links to folders need no rights; elsewhere the type counts for nothing.
    await symlink(target, link, 'junction');
  }
}
