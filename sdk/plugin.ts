import { HalftoneError } from './errors.ts';
import { type ParameterSchema, parseParameters } from './parameters.ts';

/** The library whose tensors plugins compute with; the host picks its backend and hands it in. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core');

/** The plugin interface's major version, as a manifest names it. */
export const API_VERSION = 1;

/** What a plugin can be, as its manifest says. */
export const PLUGIN_KINDS = ['attack', 'defense', 'channel', 'model', 'dataset'] as const;
export type PluginKind = (typeof PLUGIN_KINDS)[number];

/** Where something was published. */
export interface Paper {
  readonly authors: string;
  readonly title: string;
  readonly year: number;
  readonly url: string;
}

/** What every plugin's author states. */
export interface Described {
  /** As on the command line: lower case, digits, hyphens. */
  readonly name: string;
  /** As in a table: `Basic iterative method`. */
  readonly title: string;
  /** One or two sentences: what it does, what it is good for. */
  readonly summary: string;
}

/** What authors of plugins that compute state beside that. */
export interface Published<S extends ParameterSchema> extends Described {
  readonly paper?: Paper;
  /** What differs from the paper; empty for nothing. */
  readonly departures: readonly string[];
  readonly parameters: S;
}

/** What a `define…` helper adds. */
export interface Defined<K extends PluginKind> {
  readonly kind: K;
  readonly apiVersion: typeof API_VERSION;
}

/** A function that refuses a definition: throws `bad-plugin` naming the plugin and what is wrong. */
export type Refuse = (text: string) => never;

/** A refusal for a definition. */
export function refusal(kind: PluginKind, name: string): Refuse {
  return (text) => {
    throw new HalftoneError('bad-plugin', `${kind} '${name}': ${text}`);
  };
}

/** Refuses a name, title or summary that can't be shown. */
export function checkDescribed({ name, title, summary }: Described, fail: Refuse): void {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) fail('its name may hold lower-case letters, digits and hyphens');
  if (title === '') fail('has no title');
  if (summary === '') fail('has no summary');
}

/** Refuses parameters without help, and defaults outside their bounds. */
export function checkParameters(parameters: ParameterSchema, fail: Refuse): void {
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter.help === '') fail(`parameters.${name}: has no help`);
  }
  try {
    parseParameters(parameters, plainDefaults(parameters), 'defaults');
  } catch (error) {
    fail((error as Error).message);
  }
}

function plainDefaults(schema: ParameterSchema): Record<string, unknown> {
  const plain = Object.entries(schema).filter(([, parameter]) => typeof parameter.default !== 'object');
  return Object.fromEntries(plain.map(([name, parameter]) => [name, parameter.default]));
}

/** A definition as a plugin's default export. */
export function defined<K extends PluginKind, D extends Described>(kind: K, definition: D): D & Defined<K> {
  return Object.freeze({ ...definition, kind, apiVersion: API_VERSION });
}
