import { type Attack, HalftoneError, parseParameters } from '@halftone/sdk';
import type { Command } from 'commander';
import { type DigitalRequest, type DigitalResult, runDigital } from '../../lab/experiments/digital.ts';
import { checkNeeds } from '../../lab/registry/attack-host.ts';
import { checkInputOptions, readInput } from '../attack-input.ts';
import { checkKeepOptions, openProgress } from '../attack-kept.ts';
import { type AttackOptions, addAttackOptions } from '../attack-options.ts';
import { openSinks, type Sink } from '../attack-output.ts';
import { showAttack } from '../attack-report.ts';
import { openStages, type Stages } from '../attack-stages.ts';
import { modelFile } from '../model-files.ts';
import { withClassifier } from '../options.ts';
import { printJson, printLines, startProgress } from '../output.ts';
import { openRegistry } from '../registry.ts';
import { againAndAgain } from '../watching.ts';

const examples = `
Everything is measured on the images rounded to eight bits, which is what --out writes.
halftone attacks, defenses and channels list what there is, with all parameters.

Examples:
  halftone attack squeezenet.onnx --attack fgsm --set epsilon=8/255 --folder photos --classes imagenet.json
  halftone attack squeezenet.onnx --attack bim --set epsilon=8/255 --set steps=10 --folder photos --classes imagenet.json --out adversarial
  halftone attack mnist.onnx --attack bim --set epsilon=0.3 --images x.npy --labels y.npy --out adv.npy --json
  halftone attack mnist.onnx --attack fgsm --set epsilon=0.25 --data mnist --count 1000
  halftone attack mnist.onnx --attack pgd --data mnist --count 100 --defense jpeg --set-defense quality=75
  halftone attack mnist.onnx --attack pgd --data mnist --count 100 --defense bit-depth --set-defense bits=1 --defense median --through-defense
  halftone attack mnist.onnx --attack cw-l2 --data mnist --keep cw-run --resume
  halftone attack mnist.onnx --attack my-attack --dev ./my-attack --data mnist --count 20`;

/** `halftone attack`: one attack on a set of images, measured. */
export function addAttack(program: Command, signal: AbortSignal): void {
  const command = program
    .command('attack')
    .summary('make adversarial images and measure them')
    .description('Attacks images and says how the model does before and after, behind defences or not.')
    .argument('<model>', 'ONNX file, or the name of a model (halftone models lists them)');
  addAttackOptions(command);
  command.addHelpText('after', examples).action(async (model: string, options: AttackOptions) => {
    await checkInputOptions(options);
    checkKeepOptions(options);
    const once = () => attackOnce(model, options, signal);
    if (options.dev === undefined) await once();
    else await againAndAgain(options.dev, signal, once);
  });
}

async function attackOnce(name: string, options: AttackOptions, signal: AbortSignal): Promise<void> {
  const registry = openRegistry(options.dev);
  const attack = await registry.open('attack', options.attack);
  // Checked again when it runs; here, so that a slip costs no loading of a model.
  parseParameters(attack.parameters, options.set, attack.name);
  const stages = await openStages(options, registry);
  const model = await modelFile(name);
  checkChannel(attack, stages);
  await withClassifier(model, options, (classifier) =>
    runAttackCommand({ model, classifier, attack, stages, options, signal }),
  );
}

function checkChannel(attack: Attack, { channel }: Stages): void {
  try {
    checkNeeds(attack, channel);
  } catch {
    throw new HalftoneError('bad-argument', `attack '${attack.name}' needs a channel; give --channel NAME`);
  }
}

interface Task extends Pick<DigitalRequest, 'attack' | 'classifier'> {
  /** Path of the model's file. */
  readonly model: string;
  readonly stages: Stages;
  readonly options: AttackOptions;
  readonly signal: AbortSignal;
}

async function runAttackCommand(task: Task): Promise<void> {
  const { classifier, options } = task;
  const input = await readInput(options, classifier);
  const request = requestOf(task, input);
  const sinks = await openSinks(options, input);
  let result: DigitalResult;
  try {
    result = await measure(task, request, sinks);
    for (const sink of sinks) await sink.finish();
  } finally {
    for (const sink of sinks) await sink.discard();
  }
  report(task, result);
}

function requestOf(
  { attack, classifier, stages, options, signal }: Task,
  { source, targets }: { source: DigitalRequest['source']; targets?: Int32Array },
): DigitalRequest {
  const { set: parameters, seed, batch, timeLimit, throughDefense } = options;
  return {
    attack,
    classifier,
    source,
    parameters,
    ...stages,
    aware: throughDefense ?? false,
    seed,
    signal,
    ...(targets === undefined ? {} : { targets }),
    ...(batch === undefined ? {} : { batch }),
    ...(timeLimit === undefined ? {} : { limitSeconds: timeLimit }),
  };
}

async function measure(
  { attack, model, options }: Task,
  request: DigitalRequest,
  sinks: readonly Sink[],
): Promise<DigitalResult> {
  const kept = await openProgress(options, model, request);
  const progress = startProgress(attack.name);
  try {
    return await runDigital({
      ...request,
      ...(kept === undefined ? {} : { kept }),
      onProgress: progress.update,
      onBatch: async (batch) => {
        for (const sink of sinks) await sink.take(batch);
      },
    });
  } finally {
    progress.end();
    await kept?.close();
  }
}

function report({ attack, classifier, stages, options }: Task, result: DigitalResult): void {
  const { provider, card } = classifier;
  const { data, split, shuffleSeed, out, rawOut, seed } = options;
  const model = card.name;
  if (options.json) {
    const images = data === undefined ? {} : { data, split, shuffleSeed };
    printJson({ attack: attack.name, model, provider, seed, ...images, ...result, out, rawOut });
  } else {
    const origin = data === undefined ? '' : ` of ${data} (${split})`;
    printLines(...showAttack(result, { attack, ...stages, model, provider, seed, origin }));
  }
}
