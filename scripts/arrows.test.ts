import { describe, expect, it } from 'vitest';
import { wrongArrows } from './arrows.ts';

const targets = (path: string, ...specifiers: string[]) =>
  wrongArrows(path, specifiers.map((name) => `import '${name}';`).join('\n')).map(({ to }) => to);

describe('the folders’ import rule', () => {
  it.each([
    ['sdk/a.ts', '../lab/lab.ts'],
    ['lab/runtime/a.ts', '../../server/web.ts'],
    ['lab/a.ts', '../plugins/fgsm/index.ts'],
    ['plugins/bim/index.ts', '../fgsm/index.ts'],
    ['plugins/bim/index.ts', '../../sdk/../lab/lab.ts'],
    ['plugins/bim/index.ts', 'node:fs'],
    ['plugins/bim/index.ts', '@tensorflow/tfjs-node'],
    ['renderer/pages/A.vue', '../../lab/lab.ts'],
    ['renderer/a.ts', '@halftone/sdk'],
    ['electron/main.ts', '../server/web.ts'],
    ['server/web.ts', '../renderer/words.ts'],
    ['cli/main.ts', '../server/web.ts'],
  ])('%s may not import %s', (path, specifier) => {
    expect(targets(path, specifier)).toEqual([specifier]);
  });

  it('lets through what the design draws, and packages', () => {
    expect(targets('lab/a.ts', '@halftone/sdk', './graph/ir.ts', 'zod', 'node:fs')).toEqual([]);
    expect(
      targets('plugins/bim/index.ts', '@halftone/sdk/errors', './step.ts', '@tensorflow/tfjs-core'),
    ).toEqual([]);
    expect(targets('renderer/pages/A.vue', '../../lab/api.ts', '../../lab/vision/sheet.ts')).toEqual([]);
    expect(targets('electron/main.ts', 'electron', '../lab/lab.ts')).toEqual([]);
    expect(targets('cli/commands/start.ts', '../../server/start.ts')).toEqual([]);
  });

  it('sees every way to import, and says where', () => {
    const script = [
      "import type { A } from '../server/web.ts';",
      "export * from '../server/gate.ts';",
      "const late = () => import('../server/start.ts');",
    ].join('\n');
    expect(wrongArrows('lab/a.ts', script).map(({ line, to }) => [line, to])).toEqual([
      [1, '../server/web.ts'],
      [2, '../server/gate.ts'],
      [3, '../server/start.ts'],
    ]);
  });
});
