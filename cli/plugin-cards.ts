import {
  type Attack,
  type Channel,
  type Defense,
  type Parameter,
  type ParameterSchema,
  showNumber,
} from '@halftone/sdk';
import { type Finding, sayFindings } from '../lab/data/schema.ts';
import { loadKind } from '../lab/registry/load-kind.ts';
import { printJson, printLines, table } from './output.ts';
import { openRegistry } from './registry.ts';

/** The kinds of plugins that have parameters, and what each is loaded as. */
interface Listed {
  readonly attack: Attack;
  readonly defense: Defense;
  readonly channel: Channel;
}

/**
 * Prints all plugins of a kind: a card each, or one JSON document with them under `key`, and those that are refused.
 * `facts` says in few words what is peculiar to one.
 */
export async function listPlugins<K extends keyof Listed>(
  kind: K,
  key: string,
  options: { readonly json?: true },
  facts: (plugin: Listed[K]) => string,
): Promise<void> {
  const found = await loadKind(openRegistry(), kind);
  const loaded: Listed[K][] = found.loaded.map(({ plugin }) => plugin);
  const refused: { folder: string; findings: readonly Finding[] }[] = [
    ...found.refused,
    ...found.failed.map(({ found: { folder }, error }) => ({
      folder,
      findings: [{ field: '', message: error.message }],
    })),
  ];
  // Functions stay behind when it becomes JSON.
  if (options.json) return printJson({ [key]: loaded, refused });
  for (const plugin of loaded) printLines(...describe(plugin, facts(plugin)), '');
  for (const { folder, findings } of refused) printLines(`refused: ${folder}: ${sayFindings(findings)}`);
}

function describe(
  { name, title, summary, paper, parameters }: Listed[keyof Listed],
  facts: string,
): string[] {
  return [
    `${name}: ${title} (${facts})`,
    `  ${summary}`,
    ...(paper === undefined ? [] : [`  ${paper.authors} (${paper.year}), ${paper.title}. ${paper.url}`]),
    ...table(parameterRows(parameters)),
  ];
}

function parameterRows(parameters: ParameterSchema): string[][] {
  return Object.entries(parameters).map(([name, parameter]) => [
    `  ${name}`,
    `default ${showDefault(parameter)}`,
    parameter.help,
  ]);
}

function showDefault(parameter: Parameter): string {
  const { default: value } = parameter;
  if (typeof value === 'object') return value.rule;
  return typeof value === 'number' && 'unit' in parameter ? showNumber(value, parameter.unit) : String(value);
}
