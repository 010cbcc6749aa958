import { HalftoneError } from '@halftone/sdk';
import { InvalidArgumentError, Option } from 'commander';
import type { Layout } from '../lab/data/batch.ts';
import type { Classifier } from '../lab/runtime/classifier-types.ts';
import { PROVIDER_ORDER, type ProviderName } from '../lab/runtime/index.ts';
import { modelFile } from './model-files.ts';

/** A parser for whole numbers from `min` to `max`, for commander. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
    throw new InvalidArgumentError(`A whole number is needed, ${range}.`);
  };
}

/** A parser for finite numbers, for commander. */
export function anyNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('A number is needed.');
  return value;
}

/** Collects `name=value` pairs, for commander. */
export function pair(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as name=value, such as epsilon=8/255.');
  const name = text.slice(0, at).trim();
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`'${name}' is set twice.`);
  return { ...before, [name]: text.slice(at + 1).trim() };
}

/** How a model is run, shared by every command that runs one. */
export interface EngineOptions {
  readonly provider?: readonly ProviderName[];
  readonly threads?: number;
}

/** `--provider`: one, or several in the order in which to try them. */
export function providerOption(): Option {
  return new Option(
    '--provider <names>',
    `where to run: ${PROVIDER_ORDER.join(', ')}, or several in order, with commas`,
  ).argParser((text) => {
    const names = text.split(',').map((name) => name.trim());
    const unknown = names.find((name) => !(PROVIDER_ORDER as readonly string[]).includes(name));
    if (unknown === undefined) return names;
    throw new InvalidArgumentError(`'${unknown}' is none of ${PROVIDER_ORDER.join(', ')}.`);
  });
}

/** `--threads`. */
export function threadsOption(): Option {
  return new Option('--threads <n>', 'CPU threads (default: all cores)').argParser(wholeNumber(1, 1024));
}

/** `--layout`. */
export function layoutOption(): Option {
  return new Option('--layout <layout>', "axes of the .npy files (default: the model's own)").choices([
    'nchw',
    'nhwc',
  ] satisfies Layout[]);
}

/** `--json`. */
export function jsonOption(): Option {
  return new Option('--json', 'print one JSON document and nothing else');
}

/** Opens a model by path or name, does the work with it and gives it back whatever happens. Throws what either throws. */
export async function withClassifier<T>(
  model: string,
  { provider, threads }: EngineOptions,
  work: (classifier: Classifier) => Promise<T>,
): Promise<T> {
  const path = await modelFile(model);
  const { openClassifier } = await import('../lab/runtime/classifier.ts');
  const classifier = await openClassifier(path, {
    ...(provider === undefined ? {} : { providers: provider }),
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    return await work(classifier);
  } finally {
    await classifier.close();
  }
}

/** Throws `bad-argument` unless exactly one of these options was given. */
export function exactlyOne(options: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(options);
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length === 1) return;
  const problem = given.length === 0 ? 'no images given' : `${given.join(' and ')} exclude each other`;
  throw new HalftoneError('bad-argument', `${problem}; give one of ${names.join(', ')}`);
}
