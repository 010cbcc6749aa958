import type { Parameter, ParameterSchema, ParameterValue } from '@halftone/sdk';
import type { DescribedParameters } from './messages.ts';
import type { IsolatedPlugin } from './plugin.ts';

/** Parameters as a plugin's process described them, with derived defaults that ask it. */
export function schemaOf(plugin: IsolatedPlugin, described: DescribedParameters): ParameterSchema {
  const schema: Record<string, Parameter> = {};
  for (const [name, parameter] of Object.entries(described)) {
    const rule = typeof parameter.default === 'object' ? parameter.default.rule : undefined;
    schema[name] = (
      rule === undefined ? parameter : { ...parameter, default: { rule, from: derivation(plugin, name) } }
    ) as Parameter;
  }
  return schema;
}

/** Remembers the last answer: parameters are checked several times on the way to a run. */
function derivation(plugin: IsolatedPlugin, name: string) {
  let known: { key: string; value: number } | undefined;
  return (values: Readonly<Record<string, ParameterValue>>): number => {
    const key = JSON.stringify(Object.entries(values).sort());
    if (known?.key !== key) known = { key, value: plugin.derivedDefaults(values)[name] ?? Number.NaN };
    return known.value;
  };
}
