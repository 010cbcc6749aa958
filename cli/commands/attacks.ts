import type { Attack, Defense } from '@halftone/sdk';
import type { Command } from 'commander';
import { jsonOption } from '../options.ts';
import { listPlugins } from '../plugin-cards.ts';

/** `halftone attacks`, `halftone defenses`, `halftone channels`: what there is, and its parameters. */
export function addPluginLists(program: Command): void {
  program
    .command('attacks')
    .summary('list attacks and their parameters')
    .description('The attacks there are, with what each needs, its paper and its parameters.')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  halftone attacks')
    .action((options: { json?: true }) => listPlugins('attack', 'attacks', options, attackFacts));
  program
    .command('defenses')
    .summary('list defences and their parameters')
    .description('The defences there are, with what each does, its paper and its parameters.')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  halftone defenses')
    .action((options: { json?: true }) => listPlugins('defense', 'defenses', options, defenseFacts));
  program
    .command('channels')
    .summary('list simulated channels and their parameters')
    .description('What images may go through on their way to a model, simulated, with all parameters.')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  halftone channels')
    .action((options: { json?: true }) => listPlugins('channel', 'channels', options, () => 'simulated'));
}

function attackFacts({ access, norm, parameters, criteria, needs }: Attack): string {
  const norms = typeof norm === 'string' ? norm : choicesOf(parameters, norm.parameter);
  const needed = needs?.includes('channel') ? ', needs a channel' : '';
  return `${access}, ${norms}, ${criteria.join(' or ')}${needed}`;
}

/** `linf or l2`, from the parameter that chooses. */
function choicesOf(parameters: Attack['parameters'], name: string): string {
  const parameter = parameters[name];
  return parameter?.type === 'choice' ? parameter.choices.join(' or ') : name;
}

function defenseFacts({ type }: Defense): string {
  return type === 'transform' ? 'changes the input' : 'trains a model';
}
