import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSdk } from './package.ts';
import { root } from './sources.ts';

it('the SDK of an installer is loaded from node_modules, and computes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'halftone-package-'));
  try {
    await writeSdk(join(root, 'sdk'), join(folder, 'node_modules', '@halftone', 'sdk'));
    const program = `
      import { HalftoneError } from '@halftone/sdk/errors';
      import * as sdk from '@halftone/sdk';
      import '@halftone/sdk/image';
      console.log(new HalftoneError('internal', 'x') instanceof Error, typeof sdk.defineAttack);`;
    await writeFile(join(folder, 'main.mjs'), program);
    const said = execFileSync(process.execPath, [join(folder, 'main.mjs')], { encoding: 'utf8' });
    expect(said.trim()).toBe('true function');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
