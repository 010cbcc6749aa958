import { type Attack, type ParameterSchema, type ParameterValue, showNumber, type Unit } from '@halftone/sdk';
import type { Accuracy } from '../lab/experiments/accuracy.ts';
import type { DigitalResult } from '../lab/experiments/digital.ts';
import { type Summary, showProportion } from '../lab/experiments/metrics.ts';
import type { Both } from '../lab/experiments/tally.ts';
import type { Stage } from '../lab/registry/stages.ts';
import { table } from './output.ts';

/** What stands above and beside the numbers of a run. */
export interface Setting {
  readonly attack: Attack;
  readonly defenses: readonly Stage[];
  readonly channel?: Stage | undefined;
  readonly model: string;
  readonly provider: string;
  readonly seed: number;
  /** Where the images come from, such as ` of mnist (test)`; '' for files. */
  readonly origin: string;
}

/** The report of a digital run, for people. */
export function showAttack(result: DigitalResult, setting: Setting): string[] {
  const { attack, model, provider, seed, origin } = setting;
  return [
    `${attack.title} (${attack.name}): ${showParameters(attack.parameters, result.parameters)}, ${result.criterion}, seed ${seed}`,
    ...showStages(result, setting),
    `${model} on ${provider}, ${result.count} images${origin}`,
    '',
    ...table([
      ['', 'top-1', 'top-5', 'confidence of errors'],
      ...showBoth(result),
      ...(result.defense === undefined ? [] : showBoth(result.defense.undefended, ', undefended')),
      ...(result.channel === undefined ? [] : showBoth(result.channel, ', through the channel')),
    ]),
    '',
    ...table([
      ['fooled', `${showProportion(result.fooled)} of those right before`],
      ...(result.targetHits === undefined ? [] : [['on target', showProportion(result.targetHits)]]),
      ['L∞', showSummary(result.norms.linf, (value) => `${(value * 255).toFixed(2)}/255`)],
      ['L2', showSummary(result.norms.l2, (value) => value.toFixed(4))],
      ['L0', showSummary(result.norms.pixels, (value) => `${Math.round(value)} pixels`)],
      ...values(result),
      ['spent', `${result.spent.gradients} gradients, ${result.spent.queries} queries`],
      ['speed', `${result.imagesPerSecond.toPrecision(3)} images/s, ${result.seconds.toFixed(1)} s`],
    ]),
    ...result.warnings.map((warning) => `warning: ${warning}`),
  ];
}

/** Of images with several channels, where the two differ. */
function values({ norms }: DigitalResult): string[][] {
  if (norms.l0.mean === norms.pixels.mean) return [];
  return [['', showSummary(norms.l0, (value) => `${Math.round(value)} values`)]];
}

function showBoth({ clean, adversarial }: Both, how = ''): string[][] {
  return [
    [`clean${how}`, ...showAccuracy(clean)],
    [`adversarial${how}`, ...showAccuracy(adversarial)],
  ];
}

function showStages({ defense }: DigitalResult, { defenses, channel }: Setting): string[] {
  const knows = defense?.aware ? 'which the attack knows' : "which the attack doesn't know";
  return [
    ...(defenses.length === 0 ? [] : [`behind ${defenses.map(showStage).join(', then ')}, ${knows}`]),
    ...(channel === undefined ? [] : [`channel: ${showStage(channel)}`]),
  ];
}

function showStage({ plugin, parameters }: Stage): string {
  const values = showParameters(plugin.parameters, parameters);
  return values === '' ? plugin.name : `${plugin.name} (${values})`;
}

/** A row's cells: top-1, top-5, mean confidence of errors. */
export function showAccuracy({ top1, top5, errorConfidence }: Accuracy): string[] {
  const confidence = errorConfidence === null ? 'no errors' : `${(errorConfidence * 100).toFixed(1)}%`;
  return [showProportion(top1), showProportion(top5), confidence];
}

function showSummary({ mean, median, max }: Summary, show: (value: number) => string): string {
  return `mean ${show(mean)}, median ${show(median)}, max ${show(max)}`;
}

function showParameters(schema: ParameterSchema, values: Readonly<Record<string, unknown>>): string {
  const one = ([name, value]: [string, unknown]) => {
    const parameter = schema[name];
    const unit: Unit =
      (parameter !== undefined && 'unit' in parameter ? parameter.unit : undefined) ?? 'none';
    return `${name} ${typeof value === 'number' ? showNumber(value, unit) : (value as ParameterValue)}`;
  };
  return Object.entries(values).map(one).join(', ');
}
