/** The texts of `halftone plugins new`. */

export const TEMPLATE_KINDS = ['attack', 'defense'] as const;
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];

/** The files of a new plugin: path to text. */
export function templateFiles(name: string, kind: TemplateKind): Record<string, string> {
  const { source, test, use } = kind === 'attack' ? attackFiles(name) : defenseFiles(name);
  return {
    'package.json': packageJson(name, kind),
    'index.ts': source,
    'index.test.ts': test,
    'README.md': readme(name, kind, use),
    '.gitignore': 'node_modules/\n*.tgz\n',
  };
}

function packageJson(name: string, kind: TemplateKind): string {
  const content = {
    name: `halftone-${kind}-${name}`,
    version: '0.1.0',
    description: `${titleOf(name)}, ${kind === 'attack' ? 'an attack' : 'a defence'} for Halftone.`,
    license: 'MIT',
    type: 'module',
    keywords: ['halftone', `halftone-${kind}`],
    files: ['index.ts', 'README.md'],
    halftone: {
      apiVersion: 1,
      kind,
      name,
      entry: './index.ts',
      ...(kind === 'attack' ? { access: 'white-box' } : {}),
    },
    scripts: { test: 'node --test' },
    engines: { node: '>=22.18' },
    peerDependencies: { '@halftone/sdk': '^0.1.0' },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ');
  return `${words[0]!.toUpperCase()}${words.slice(1)}`;
}

interface KindFiles {
  readonly source: string;
  readonly test: string;
  /** A command that uses it. */
  readonly use: string;
}

function attackFiles(name: string): KindFiles {
  const use = `halftone attack MODEL.onnx --attack ${name} --set epsilon=8/255 --folder PHOTOS --classes CLASSES.json`;
  return { source: attackSource(name), test: attackTest, use };
}

function attackSource(name: string): string {
  return `import { defineAttack, gradientAt, iterate, signStep } from '@halftone/sdk';

/** Steps along the sign of the gradient, each kept within ε of the image. Replace this with your own idea. */
export default defineAttack({
  name: '${name}',
  title: '${titleOf(name)}',
  summary: 'Steps along the sign of the gradient, kept within ε of the image.',
  paper: {
    authors: 'Alexey Kurakin, Ian J. Goodfellow, Samy Bengio',
    title: 'Adversarial Examples in the Physical World',
    year: 2017,
    url: 'https://arxiv.org/abs/1607.02533',
  },
  departures: [],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: 'linf',
  budget: 'epsilon',
  parameters: {
    epsilon: {
      type: 'number',
      unit: 'intensity',
      min: 0,
      max: 1,
      default: 8 / 255,
      help: 'Largest change of a value.',
    },
    steps: { type: 'integer', min: 1, max: 1000, default: 10, help: 'Number of steps, one gradient each.' },
  },
  run(context) {
    const { tf, images, parameters } = context;
    const { epsilon, steps } = parameters;
    const alpha = (2 * epsilon) / steps;
    return iterate(context, steps, async (current) => {
      const gradient = await gradientAt(context, current);
      const moved = signStep(tf, { images: current, gradient, origin: images, alpha, epsilon });
      gradient.dispose();
      return moved;
    });
  },
});
`;
}

const attackTest = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distances, untargeted } from '@halftone/sdk';
import { linearModel, runAttack } from '@halftone/sdk/testing';
import attack from './index.ts';

// Two classes of 2×2 grey images: the logits are the sums of the upper and of the lower row.
const input = { height: 2, width: 2, channels: 1 };
const model = () => linearModel([[1, 1, 0, 0], [0, 0, 1, 1]], input);
const images = Float32Array.of(0.5, 0.5, 0.48, 0.48);

test('a small change is enough where the classes are near', async () => {
  const { values, labels } = await runAttack(attack, { model: model(), images, criterion: untargeted([0]) });
  assert.deepEqual([...labels], [1]);
  assert.ok(distances('linf', values, images, 1)[0]! <= 8 / 255 + 1e-6);
});

test('its ball is kept, and too small a one changes nothing', async () => {
  const parameters = { epsilon: '1/255', steps: 3 };
  const { values, labels, spent } = await runAttack(attack, { model: model(), images, criterion: untargeted([0]), parameters });
  assert.deepEqual([...labels], [0]);
  assert.ok(distances('linf', values, images, 1)[0]! <= 1 / 255 + 1e-6);
  assert.equal(spent.gradients, 3);
});
`;

function defenseFiles(name: string): KindFiles {
  const source = `import { defineDefense, imagesOf, valuesOf } from '@halftone/sdk';

/** Rounds every value to a few levels. Replace this with your own idea. */
export default defineDefense({
  name: '${name}',
  title: '${titleOf(name)}',
  summary: 'Rounds every value to a few levels, so that small changes vanish.',
  departures: [],
  type: 'transform',
  parameters: {
    levels: { type: 'integer', min: 2, max: 256, default: 16, help: 'Levels a value may take. Fewer take away more.' },
  },
  async apply({ tf, images, parameters }) {
    const steps = parameters.levels - 1;
    const values = valuesOf(images).map((value) => Math.round(value * steps) / steps);
    // No pullback: gradients pass as if nothing had happened, since those of rounding are zero.
    return { images: imagesOf(tf, values, images.shape) };
  },
});
`;
  const test = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyTransform } from '@halftone/sdk/testing';
import defense from './index.ts';

test('values are rounded to the levels', async () => {
  const images = Float32Array.of(0, 0.2, 0.3, 1);
  const shape = [1, 2, 2, 1] as const;
  const { values } = await applyTransform(defense, { images, shape, parameters: { levels: 3 } });
  assert.deepEqual([...values], [0, 0, 0.5, 1]);
});
`;
  const use = `halftone attack MODEL.onnx --attack pgd --defense ${name} --set-defense levels=8 --folder PHOTOS --classes CLASSES.json`;
  return { source, test, use };
}

function readme(name: string, kind: TemplateKind, use: string): string {
  return `# ${titleOf(name)}

${kind === 'attack' ? 'An attack' : 'A defence'} for Halftone.

    node --test                 tests it (Node 22.18 or newer, which runs TypeScript as it is)
    halftone plugins add .      installs it, after showing what it asks for
    ${use}
    halftone plugins update ${name}   brings what you changed since
`;
}
