import type { PluginCandidate, PluginListed } from '../../lab/api.ts';

/** What a plugin asks for and may touch, in plain words. */

type Described = Pick<PluginListed, 'kind' | 'access'> & { readonly origin: PluginListed['origin'] };

const asks: Readonly<Record<string, string>> = {
  'white-box': 'asks the model for gradients and what it says of images',
  score: 'asks the model for its scores, not for gradients',
  decision: 'asks the model for the class that it decides on, and nothing more of it',
};

const kindWords: Readonly<Record<string, string>> = {
  defense: 'is given the images that a model is to see and hands them back changed',
  channel: 'is given images and hands them back as it thinks paper and camera would',
  model: 'names an ONNX file in its folder, which Halftone runs itself',
  dataset: 'hands out images with their classes',
};

function asksWords({ kind, access }: Pick<Described, 'kind' | 'access'>): string {
  if (kind === 'attack')
    return asks[access ?? ''] ?? 'doesn’t say what it asks of the model: gradients at the most';
  return kindWords[kind ?? ''] ?? 'doesn’t say what it does';
}

/** `Reads its own folder; asks the model for gradients …; nothing else.` */
export function touchWords(plugin: Described): string {
  const what = asksWords(plugin);
  if (plugin.origin === 'built-in') return `${capital(what)}. It is a part of Halftone and runs within it.`;
  return (
    `Reads its own folder; ${what}; nothing else: no other files, no network, no other programs. ` +
    'It runs in a process of its own.'
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const kindNames: Readonly<Record<string, string>> = {
  attack: 'attack',
  defense: 'defence',
  channel: 'channel',
  model: 'model',
  dataset: 'data set',
};

/** What accepting it does: `Install ni-fgsm 1.0.0`, `Update it from 1.0.0 to 1.1.0`. */
export function acceptWords({ id, version, replaces }: PluginCandidate): string {
  if (replaces === undefined) return `Install ${id} ${version}`;
  return replaces === version ? `Install ${version} again` : `Update from ${replaces} to ${version}`;
}

/** Dependencies in words; those that don't come in the package have to be there already. */
export function dependencyWords(dependencies: PluginCandidate['dependencies']): string {
  if (dependencies.length === 0) return 'none';
  return dependencies
    .map(({ name, range, bundled }) => `${name} ${range}${bundled ? ' (in the package)' : ''}`)
    .join(', ');
}

/** State of a plugin in a word or two, for the table. */
export function stateWords({ origin, enabled }: Pick<PluginListed, 'origin' | 'enabled'>): string {
  if (origin === 'built-in') return 'built in';
  return enabled ? 'installed' : 'installed, off';
}

/** A checksum as people compare it: its first part, the whole on hover. */
export function shortChecksum(checksum: string): string {
  return checksum.length > 20 ? `${checksum.slice(0, 20)}…` : checksum;
}
