import { type Channel, HalftoneError } from '@halftone/sdk';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Registry } from '../lab/registry/registry.ts';
import { type Stage, stageOf } from '../lab/registry/stages.ts';
import { openTransformDefense } from '../lab/registry/transform-defense.ts';
import { pair } from './options.ts';

/** A defence or channel as it stands on the command line. */
export interface AskedStage {
  readonly name: string;
  readonly set: Readonly<Record<string, string>>;
}

/** The options of `halftone attack` that say what stands before the model. */
export interface StageOptions extends ChannelOptions {
  readonly defense: readonly AskedStage[];
  readonly throughDefense?: true;
}

/** The options that name a channel. */
export interface ChannelOptions {
  readonly channel?: string;
  readonly setChannel: Readonly<Record<string, string>>;
}

/** Adds the options that say what stands before the model. */
export function addStageOptions(command: Command): void {
  const defenses: AskedStage[] = [];
  const defense = new Option(
    '--defense <name>',
    'put this defence before the model (repeat for more, in order)',
  )
    .argParser((name) => {
      defenses.push({ name, set: {} });
      return defenses;
    })
    .default(defenses, 'none');
  // Kept with the defence that it stands behind; the option's own value is of no use.
  const setDefense = new Option(
    '--set-defense <name=value>',
    'a parameter of the --defense before it (repeat for more)',
  ).argParser((text) => {
    const last = defenses.pop();
    if (last === undefined) throw new InvalidArgumentError('Write it behind its --defense.');
    defenses.push({ ...last, set: pair(text, last.set) });
    return defenses;
  });
  command
    .addOption(defense)
    .addOption(setDefense)
    .option('--through-defense', 'the attack knows the defences: its gradients go through them');
  addChannelOptions(
    command,
    'a simulated channel that images go through; for attacks that need one, and measured',
  );
}

/** Adds the options that name a channel; `help` says what it is for. */
export function addChannelOptions(command: Command, help: string): void {
  command
    .option('--channel <name>', help)
    .addOption(
      new Option('--set-channel <name=value>', "one of the channel's parameters (repeat for more)")
        .argParser(pair)
        .default({}, "the channel's own"),
    );
}

/** What stands before the model. */
export interface Stages {
  readonly defenses: readonly Stage[];
  readonly channel?: Stage;
}

/**
 * Opens what the options name. Throws `not-found`, `bad-plugin`, and `bad-argument` for parameters that don't fit, for
 * options that don't go together and for a defence that isn't one of images.
 */
export async function openStages(options: StageOptions, registry: Registry): Promise<Stages> {
  const { defense, throughDefense } = options;
  if (throughDefense && defense.length === 0)
    throw new HalftoneError('bad-argument', '--through-defense goes with --defense');
  const defenses: Stage[] = [];
  for (const { name, set } of defense)
    defenses.push(stageOf(await openTransformDefense(name, registry), set));
  const channel = await openChannel(options, (name) => registry.open('channel', name));
  return channel === undefined ? { defenses } : { defenses, channel };
}

/** The channel that the options name. Throws `not-found`, `bad-plugin`, `bad-argument`. */
export async function openChannel(
  { channel, setChannel }: ChannelOptions,
  load: (name: string) => Promise<Channel>,
): Promise<Stage | undefined> {
  if (channel !== undefined) return stageOf(await load(channel), setChannel);
  if (Object.keys(setChannel).length === 0) return undefined;
  throw new HalftoneError('bad-argument', '--set-channel goes with --channel');
}
