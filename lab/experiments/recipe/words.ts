import { type ParameterSchema, showNumber } from '@halftone/sdk';

/** Some of a plugin's parameters as people write them, `epsilon 8/255`: 8/255 stays 8/255. */
export function parameterWords(
  schema: ParameterSchema,
  values: Readonly<Record<string, number | boolean | string>>,
  names: readonly string[],
): string[] {
  return names.map((name) => {
    const parameter = schema[name];
    const value = values[name]!;
    const unit = parameter?.type === 'number' ? parameter.unit : undefined;
    return `${name} ${typeof value === 'number' ? showNumber(value, unit) : value}`;
  });
}
