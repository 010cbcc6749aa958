import { HalftoneError } from './errors.ts';

/**
 * What a number counts. `intensity`: image values, [0, 1] from black to white, written `8/255` or `0.03`.
 * `mm` millimetres, `degrees`, `ms` milliseconds, `none` a bare number.
 */
export type Unit = 'intensity' | 'mm' | 'degrees' | 'ms' | 'none';

/** A default that follows from the other parameters: `rule` for people, `from` for the machine. */
export interface DerivedDefault {
  readonly rule: string;
  readonly from: (values: Readonly<Record<string, ParameterValue>>) => number;
}

interface Described {
  /** One line: what it does, and what raising it does. */
  readonly help: string;
}

/** A number with bounds, both included. */
export interface NumberParameter extends Described {
  readonly type: 'number' | 'integer';
  readonly unit?: Unit;
  readonly min: number;
  readonly max: number;
  readonly default: number | DerivedDefault;
}

export interface BooleanParameter extends Described {
  readonly type: 'boolean';
  readonly default: boolean;
}

export interface ChoiceParameter extends Described {
  readonly type: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
}

export type Parameter = NumberParameter | BooleanParameter | ChoiceParameter;
export type ParameterValue = number | boolean | string;

/** A plugin's parameters by name. The interface, the command line and the reports are drawn from it. */
export type ParameterSchema = Readonly<Record<string, Parameter>>;

/** The checked values that a schema gives. */
export type ParameterValues<S extends ParameterSchema> = {
  readonly [K in keyof S]: S[K] extends NumberParameter
    ? number
    : S[K] extends BooleanParameter
      ? boolean
      : S[K] extends { choices: readonly (infer C)[] }
        ? C
        : ParameterValue;
};

/**
 * Values for every parameter, from words (command line) or values (recipes, forms), defaults filled in; a derived
 * default sees all that was given and every plain default. `owner` names the plugin in errors.
 * Throws `bad-argument` for an unknown name, a value of the wrong type or out of bounds; its place is the name.
 */
export function parseParameters<S extends ParameterSchema>(
  schema: S,
  given: Readonly<Record<string, unknown>>,
  owner: string,
): ParameterValues<S> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(schema, name)) {
      const known = Object.keys(schema).join(', ') || 'none';
      const text = `${owner} has no parameter '${name}'; it has: ${known}`;
      throw new HalftoneError('bad-argument', text, { place: [name] });
    }
  }
  const values: Record<string, ParameterValue> = {};
  const derived: [string, NumberParameter, DerivedDefault][] = [];
  for (const [name, parameter] of Object.entries(schema)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value !== undefined)
      values[name] = named(name, () => parseParameter(parameter, value, `${owner}: ${name}`));
    else if (typeof parameter.default === 'object')
      derived.push([name, parameter as NumberParameter, parameter.default]);
    else values[name] = parameter.default;
  }
  for (const [name, parameter, rule] of derived) {
    const what = `${owner}: ${name} (by default ${rule.rule})`;
    values[name] = named(name, () => inBounds(parameter, rule.from(values), what));
  }
  return values as ParameterValues<S>;
}

/** Errors of the work are about this parameter. */
function named<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof HalftoneError)) throw cause;
    throw new HalftoneError(cause.code, cause.message, { cause, place: [name] });
  }
}

/** One value, checked against its parameter. `what` names it in the error. Throws `bad-argument`. */
export function parseParameter(parameter: Parameter, value: unknown, what: string): ParameterValue {
  if (parameter.type === 'boolean') {
    const word = typeof value === 'string' ? value.toLowerCase() : value;
    if (word === true || word === 'true' || word === 'yes') return true;
    if (word === false || word === 'false' || word === 'no') return false;
    throw new HalftoneError('bad-argument', `${what}=${String(value)} is neither true nor false`);
  }
  if (parameter.type === 'choice') {
    if (typeof value === 'string' && parameter.choices.includes(value)) return value;
    const choices = parameter.choices.join(', ');
    throw new HalftoneError('bad-argument', `${what}=${String(value)} is not one of ${choices}`);
  }
  return inBounds(parameter, readNumber(value, what), what);
}

function inBounds(parameter: NumberParameter, value: number, what: string): number {
  const shown = `${what}=${value}`;
  if (parameter.type === 'integer' && !Number.isInteger(value)) {
    throw new HalftoneError('bad-argument', `${shown} is not a whole number`);
  }
  if (value >= parameter.min && value <= parameter.max) return value;
  const levels = parameter.unit === 'intensity' && Number.isInteger(value) && value > 1 && value <= 255;
  const hint = levels ? `; for ${value} levels of 255 write ${value}/255` : '';
  throw new HalftoneError('bad-argument', `${shown} is outside ${parameter.min} to ${parameter.max}${hint}`);
}

const decimal = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const fraction = new RegExp(`^(${decimal})(?:\\s*/\\s*(${decimal}))?$`);

/** A number as people write it: `0.03`, `8/255`, `1e-3`. Throws `bad-argument` naming `what`. */
export function readNumber(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const match = typeof value === 'string' ? fraction.exec(value.trim()) : null;
  const result = match === null ? Number.NaN : Number(match[1]) / Number(match[2] ?? 1);
  if (Number.isFinite(result)) return result;
  throw new HalftoneError('bad-argument', `${what}=${String(value)} is not a number (write 0.03 or 8/255)`);
}

/**
 * A number in its unit, for people: intensities below 1 as n/255 where that is exact to 1e-6, else in six digits. A
 * radius under L2 may be larger than 1; levels would say nothing of it.
 */
export function showNumber(value: number, unit: Unit = 'none'): string {
  if (unit !== 'intensity') return unit === 'none' ? String(value) : `${value} ${unit}`;
  const levels = value * 255;
  const whole = Math.round(levels);
  if (value < 1 && Math.abs(levels - whole) < 1e-6) return `${whole}/255`;
  return String(Number(value.toPrecision(6)));
}
