import type { PlainParameters } from '../../lab/api.ts';
import { readNumber } from '../forms/numbers.ts';
import type { FormValue, FormValues } from '../forms/parameters.ts';

/** A plugin that may be chosen. */
export interface PluginOption {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly parameters: PlainParameters;
  /** In small: norm and access. */
  readonly note?: string;
  /** Where it was published. */
  readonly paper?: string;
}

/** A plugin with its parameters, as a form holds it. */
export interface ChosenPlugin {
  /** Tells entries apart while they are edited. */
  readonly key: number;
  name: string;
  values: FormValues;
}

/** An attack, and what it trains through where it needs that. */
export interface ChosenAttack extends ChosenPlugin {
  /** Without one: ''. */
  channel: string;
  channelValues: FormValues;
}

let lastKey = 0;

/** A key that no entry has. */
export function nextKey(): number {
  lastKey += 1;
  return lastKey;
}

export function chosenPlugin(name: string, values: FormValues = {}): ChosenPlugin {
  return { key: nextKey(), name, values };
}

export function chosenAttack(name: string, given: Partial<Omit<ChosenAttack, 'key'>> = {}): ChosenAttack {
  return { ...chosenPlugin(name), channel: '', channelValues: {}, ...given };
}

/** A plugin as the lab is asked for it. */
export interface PluginInput {
  readonly name: string;
  readonly set?: FormValues | undefined;
}

export function pluginInput({ name, values }: ChosenPlugin): { name: string; set: FormValues } {
  return { name, set: { ...values } };
}

/** The channel of an attack as the lab is asked for it; nothing without one. */
export function channelInput({ channel, channelValues }: ChosenAttack) {
  return channel === '' ? {} : { channel: { name: channel, set: { ...channelValues } } };
}

/** An attack's channel in a form again. */
export function chosenChannel(
  channel: PluginInput | undefined,
): Pick<ChosenAttack, 'channel' | 'channelValues'> {
  return { channel: channel?.name ?? '', channelValues: formValues(channel?.set ?? {}) };
}

/** Recipes may write numbers as text, `8/255`; forms have numbers. */
export function formValues(set: Readonly<Record<string, FormValue>>): FormValues {
  return Object.fromEntries(
    Object.entries(set).map(([name, value]) => {
      const number = typeof value === 'string' ? readNumber(value) : Number.NaN;
      return [name, Number.isFinite(number) ? number : value];
    }),
  );
}

/** The first that isn't chosen yet, or the first of all. */
export function nextChoice<T extends { readonly name: string }>(
  choices: readonly T[],
  used: readonly ChosenPlugin[],
): T | undefined {
  return choices.find(({ name }) => used.every((each) => each.name !== name)) ?? choices[0];
}

/** Parameters by plugin, for values in words. */
export function parametersIn(plugins: readonly Pick<PluginOption, 'name' | 'parameters'>[]) {
  return (name: string) => plugins.find((plugin) => plugin.name === name)?.parameters;
}
