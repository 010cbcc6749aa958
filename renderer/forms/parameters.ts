/**
 * A plugin's parameters as a form holds them: only what differs from the defaults, so that a recipe says what a
 * person chose and nothing else.
 */
import type { PlainParameter, PlainParameters } from '../../lab/api.ts';

export type FormValue = number | boolean | string;
export type FormValues = Readonly<Record<string, FormValue>>;

/** Whether a default follows from the other parameters; its rule is words for people. */
export function isDerived(value: PlainParameter['default']): value is { readonly rule: string } {
  return typeof value === 'object';
}

/** What is in force for a parameter; undefined where its default is derived and nothing else was chosen. */
export function inForce(parameter: PlainParameter, chosen: FormValue | undefined): FormValue | undefined {
  if (chosen !== undefined) return chosen;
  return isDerived(parameter.default) ? undefined : parameter.default;
}

/** The choices with one more: `undefined`, or the default's own value, takes a parameter back to its default. */
export function withValue(
  parameters: PlainParameters,
  values: FormValues,
  name: string,
  value: FormValue | undefined,
): FormValues {
  const { [name]: _, ...rest } = values;
  const parameter = parameters[name];
  if (value === undefined || parameter === undefined) return rest;
  return value === parameter.default ? rest : { ...rest, [name]: value };
}

/** Those of the choices that these parameters know: what is left when another plugin is chosen. */
export function knownValues(parameters: PlainParameters, values: FormValues): FormValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(parameters, name)));
}

/** An intensity in the scale that it is shown in: levels of 255, or 0 to 1. */
export type IntensityScale = 'levels' | 'unit';

/** A number of digits that a person can read: levels to a thousandth, shares to five figures. */
export function shownIntensity(value: number, scale: IntensityScale): string {
  return scale === 'levels' ? String(rounded(value * 255, 3)) : String(Number(value.toPrecision(5)));
}

/** The value of a number typed in this scale; whole levels become the very float that `8/255` is. */
export function intensityOf(shown: number, scale: IntensityScale): number {
  return scale === 'levels' ? shown / 255 : shown;
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** A slider's step over bounds: whole for integers, whole levels for intensities, else a hundredth of a round span. */
export function stepOf(parameter: Extract<PlainParameter, { min: number }>): number {
  if (parameter.type === 'integer') return 1;
  const span = parameter.max - parameter.min;
  if (parameter.unit === 'intensity') return span <= 4 / 255 ? 0.1 / 255 : 1 / 255;
  return 10 ** Math.floor(Math.log10(span / 50));
}

/** Bounds too far apart for a slider to be of use: three orders of magnitude. */
export function wantsSlider({ min, max, type }: Extract<PlainParameter, { min: number }>): boolean {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return false;
  if (type === 'integer') return max - min <= 200;
  return max <= 1 || (min > 0 && max / min <= 1000) || max - min <= 100;
}
