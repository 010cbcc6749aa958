import { showNumber } from '@halftone/sdk';
import type { Command } from 'commander';
import { sayFindings } from '../../lab/data/schema.ts';
import { findPlugins, loadAttack } from '../../lab/registry/plugins.ts';
import { jsonOption } from '../options.ts';
import { printJson, printLines, table } from '../output.ts';

type Loaded = Awaited<ReturnType<typeof loadAttack>>;
type Parameter = Loaded['parameters'][string];

/** `halftone attacks`: the attacks there are and their parameters. */
export function addAttacks(program: Command): void {
  program
    .command('attacks')
    .summary('list attacks and their parameters')
    .description('The attacks there are, with what each needs, its paper and its parameters.')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  halftone attacks')
    .action(async (options: { json?: true }) => {
      const { plugins, refused } = await findPlugins();
      const attacks: Loaded[] = [];
      for (const { manifest } of plugins) {
        if (manifest.kind === 'attack') attacks.push(await loadAttack(manifest.name));
      }
      if (options.json) return printJson({ attacks: attacks.map(plain), refused });
      for (const attack of attacks) printLines(...describe(attack), '');
      for (const { folder, findings } of refused) printLines(`refused: ${folder}: ${sayFindings(findings)}`);
    });
}

function plain({ run: _, ...attack }: Loaded) {
  return attack;
}

function describe(attack: Loaded): string[] {
  const { authors, title, year, url } = attack.paper;
  const rows = Object.entries(attack.parameters).map(([name, parameter]) => [
    `  ${name}`,
    `default ${showDefault(parameter)}`,
    parameter.help,
  ]);
  const norm =
    typeof attack.norm === 'string' ? attack.norm : showChoices(attack.parameters, attack.norm.parameter);
  return [
    `${attack.name}: ${attack.title} (${attack.access}, ${norm}, ${attack.criteria.join(' or ')})`,
    `  ${attack.summary}`,
    `  ${authors} (${year}), ${title}. ${url}`,
    ...table(rows),
  ];
}

/** `linf or l2`, from the parameter that chooses. */
function showChoices(parameters: Loaded['parameters'], name: string): string {
  const parameter = parameters[name];
  return parameter?.type === 'choice' ? parameter.choices.join(' or ') : name;
}

function showDefault(parameter: Parameter): string {
  const { default: value } = parameter;
  if (typeof value === 'object') return value.rule;
  return typeof value === 'number' && 'unit' in parameter ? showNumber(value, parameter.unit) : String(value);
}
