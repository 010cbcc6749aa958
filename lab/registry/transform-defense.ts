import { HalftoneError, type TransformDefense } from '@halftone/sdk';
import type { Registry } from './registry.ts';

/** A defence that changes images. Throws as `Registry.open`, and `bad-argument` for one that trains a model. */
export async function openTransformDefense(name: string, registry: Registry): Promise<TransformDefense> {
  const defense = await registry.open('defense', name);
  if (defense.type === 'transform') return defense;
  const text = `defense '${name}' trains a model: train one with it (halftone train --defense ${name}) and attack that`;
  throw new HalftoneError('bad-argument', text);
}
