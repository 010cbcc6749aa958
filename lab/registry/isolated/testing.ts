import { fileURLToPath } from 'node:url';
import { type Attack, seeded, untargeted } from '@halftone/sdk';
import type { Manifest } from '../manifest.ts';
import { readManifest } from '../plugins.ts';
import { linearClassifier } from '../testing.ts';
import type { IsolatedOptions } from './plugin.ts';

/** For tests: a linear model of three classes with some images, as an attack's request. */
export function smallRequest() {
  const random = seeded('isolated');
  const input = { height: 2, width: 2, channels: 3 };
  const weights = Array.from({ length: 3 }, () => Array.from({ length: 12 }, () => random.normal()));
  const data = Float32Array.from({ length: 48 }, () => random.uniform(0.2, 0.8));
  return {
    classifier: linearClassifier(weights, input),
    images: { ...input, count: 4, data },
    criterion: untargeted([0, 1, 2, 0]),
    parameters: {},
  };
}

/** For tests: one of the plugins in `fixtures/plugins`, as it is opened. */
export async function fixturePlugin(name: string): Promise<Pick<IsolatedOptions, 'manifest' | 'folder'>> {
  const folder = fileURLToPath(new URL(`../../../fixtures/plugins/${name}`, import.meta.url));
  const { manifest } = await readManifest(folder);
  return { manifest: manifest as Manifest, folder };
}

/** For tests: the choices of a parameter. */
export function choicesOf(attack: Attack, name: string): readonly string[] {
  const parameter = attack.parameters[name];
  return parameter?.type === 'choice' ? parameter.choices : [];
}
