import { type Attack, type ParameterValue, showNumber, type Unit } from '@halftone/sdk';
import type { Accuracy } from '../lab/experiments/accuracy.ts';
import type { DigitalResult } from '../lab/experiments/digital.ts';
import { type Summary, showProportion } from '../lab/experiments/metrics.ts';
import { table } from './output.ts';

/** What stands above and beside the numbers of a run. */
export interface Setting {
  readonly attack: Attack;
  readonly model: string;
  readonly provider: string;
  readonly seed: number;
  /** Where the images come from, such as ` of mnist (test)`; '' for files. */
  readonly origin: string;
}

/** The report of a digital run, for people. */
export function showAttack(
  result: DigitalResult,
  { attack, model, provider, seed, origin }: Setting,
): string[] {
  const aim = result.targetHits === undefined ? 'untargeted' : 'targeted';
  return [
    `${attack.title} (${attack.name}): ${showParameters(attack, result.parameters)}, ${aim}, seed ${seed}`,
    `${model} on ${provider}, ${result.count} images${origin}`,
    '',
    ...table([
      ['', 'top-1', 'top-5', 'confidence of errors'],
      ['clean', ...showAccuracy(result.clean)],
      ['adversarial', ...showAccuracy(result.adversarial)],
    ]),
    '',
    ...table([
      ['fooled', `${showProportion(result.fooled)} of those right before`],
      ...(result.targetHits === undefined ? [] : [['on target', showProportion(result.targetHits)]]),
      ['L∞', showSummary(result.norms.linf, (value) => `${(value * 255).toFixed(2)}/255`)],
      ['L2', showSummary(result.norms.l2, (value) => value.toFixed(4))],
      ['L0', showSummary(result.norms.l0, (value) => `${Math.round(value)} values`)],
      ['spent', `${result.spent.gradients} gradients, ${result.spent.queries} queries`],
      ['speed', `${result.imagesPerSecond.toPrecision(3)} images/s, ${result.seconds.toFixed(1)} s`],
    ]),
    ...result.warnings.map((warning) => `warning: ${warning}`),
  ];
}

/** A row's cells: top-1, top-5, mean confidence of errors. */
export function showAccuracy({ top1, top5, errorConfidence }: Accuracy): string[] {
  const confidence = errorConfidence === null ? 'no errors' : `${(errorConfidence * 100).toFixed(1)}%`;
  return [showProportion(top1), showProportion(top5), confidence];
}

function showSummary({ mean, median, max }: Summary, show: (value: number) => string): string {
  return `mean ${show(mean)}, median ${show(median)}, max ${show(max)}`;
}

function showParameters(attack: Attack, values: Readonly<Record<string, unknown>>): string {
  const one = ([name, value]: [string, unknown]) => {
    const parameter = attack.parameters[name];
    const unit: Unit =
      (parameter !== undefined && 'unit' in parameter ? parameter.unit : undefined) ?? 'none';
    return `${name} ${typeof value === 'number' ? showNumber(value, unit) : (value as ParameterValue)}`;
  };
  return Object.entries(values).map(one).join(', ');
}
