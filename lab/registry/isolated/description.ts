import type { Parameter, ParameterSchema, ParameterValue } from '@halftone/sdk';
import type { DescribedParameters } from './messages.ts';
import type { IsolatedPlugin } from './plugin.ts';

type Values = Readonly<Record<string, ParameterValue>>;

/** Derived defaults that are known already; a user tries other values a few times, not for ever. */
const MOST_KNOWN = 100;

/**
 * Parameters as a plugin's process described them, with derived defaults that ask it.
 * @param defaults what every parameter comes to where nothing is given: for these nobody needs to ask
 */
export function schemaOf(
  plugin: IsolatedPlugin,
  described: DescribedParameters,
  defaults: Values,
): ParameterSchema {
  const schema: Record<string, Parameter> = {};
  const values: Record<string, ParameterValue> = {};
  const derived: [string, string][] = [];
  for (const [name, parameter] of Object.entries(described)) {
    schema[name] = parameter as Parameter;
    if (typeof parameter.default === 'object') derived.push([name, parameter.default.rule]);
    else values[name] = parameter.default;
  }
  // In their order: a later one sees the earlier ones.
  for (const [name, rule] of derived) {
    const known = new Map([[keyOf(values), Number(defaults[name])]]);
    schema[name] = { ...schema[name], default: { rule, from: derivation(plugin, name, known) } } as Parameter;
    values[name] = Number(defaults[name]);
  }
  return schema;
}

function derivation(plugin: IsolatedPlugin, name: string, known: Map<string, number>) {
  return (values: Values): number => {
    const key = keyOf(values);
    const value = known.get(key) ?? plugin.derivedDefault(name, values);
    if (known.size < MOST_KNOWN) known.set(key, value);
    return value;
  };
}

function keyOf(values: Values): string {
  return JSON.stringify(Object.entries(values).sort());
}
