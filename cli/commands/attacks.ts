import { type Attack, HalftoneError, showNumber } from '@halftone/sdk';
import type { Command } from 'commander';
import { sayFindings } from '../../lab/data/schema.ts';
import { jsonOption } from '../options.ts';
import { printJson, printLines, table } from '../output.ts';
import { openRegistry } from '../registry.ts';

type Parameter = Attack['parameters'][string];

/** `halftone attacks`: the attacks there are and their parameters. */
export function addAttacks(program: Command): void {
  program
    .command('attacks')
    .summary('list attacks and their parameters')
    .description('The attacks there are, with what each needs, its paper and its parameters.')
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  halftone attacks')
    .action(async (options: { json?: true }) => {
      const registry = openRegistry();
      const { plugins, refused: unread } = await registry.find();
      const attacks: Attack[] = [];
      const refused = [...unread];
      for (const found of plugins.filter(({ manifest }) => manifest.kind === 'attack')) {
        try {
          attacks.push((await registry.load(found)) as Attack);
        } catch (error) {
          // One that can't be loaded must not hide the others.
          if (!(error instanceof HalftoneError)) throw error;
          refused.push({ folder: found.folder, findings: [{ field: '', message: error.message }] });
        }
      }
      if (options.json) return printJson({ attacks: attacks.map(plain), refused });
      for (const attack of attacks) printLines(...describe(attack), '');
      for (const { folder, findings } of refused) printLines(`refused: ${folder}: ${sayFindings(findings)}`);
    });
}

function plain({ run: _, ...attack }: Attack) {
  return attack;
}

function describe(attack: Attack): string[] {
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
function showChoices(parameters: Attack['parameters'], name: string): string {
  const parameter = parameters[name];
  return parameter?.type === 'choice' ? parameter.choices.join(' or ') : name;
}

function showDefault(parameter: Parameter): string {
  const { default: value } = parameter;
  if (typeof value === 'object') return value.rule;
  return typeof value === 'number' && 'unit' in parameter ? showNumber(value, parameter.unit) : String(value);
}
