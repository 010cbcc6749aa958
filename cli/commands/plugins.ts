import { createInterface } from 'node:readline/promises';
import { HalftoneError } from '@halftone/sdk/errors';
import { type Command, Option } from 'commander';
import type { Candidate, Installed, PluginStore } from '../../lab/registry/install/index.ts';
import { TEMPLATE_KINDS, type TemplateKind, writeTemplate } from '../../lab/registry/install/template.ts';
import { jsonOption } from '../options.ts';
import { printJson, printLines, table } from '../output.ts';
import { openStore } from '../registry.ts';

interface Options {
  readonly json?: true;
  readonly yes?: true;
}

const examples = `
What is installed runs in a process of its own, which reads its own folder and reaches nothing else.

Examples:
  halftone plugins new my-attack
  halftone plugins add ./my-attack
  halftone plugins add halftone-attack-something
  halftone plugins add git+https://example.org/someone/attack.git
  halftone plugins info my-attack`;

/** `halftone plugins`: list, info, add, update, enable, disable, remove, restore, new. */
export function addPlugins(program: Command, signal: AbortSignal): void {
  const plugins = program
    .command('plugins')
    .summary('install attacks, defences and channels that others wrote, or begin one')
    .description('The plugins that were installed beside those that come with Halftone.')
    .addHelpText('after', examples);
  plugins
    .command('list', { isDefault: true })
    .description('List the installed plugins.')
    .addOption(jsonOption())
    .action(list);
  plugins
    .command('info')
    .description('Show what is known of an installed plugin, and how it last failed.')
    .argument('<name>', 'plugin')
    .addOption(jsonOption())
    .action(info);
  plugins
    .command('add')
    .description('Install a plugin. None of its scripts runs; what it asks for is shown before.')
    .argument('<source>', 'folder, .tgz, npm name or git address')
    .option('--yes', 'install without asking')
    .addOption(jsonOption())
    .action((source: string, options: Options) => take((store) => store.add(source, signal), options));
  plugins
    .command('update')
    .description('Fetch a plugin again from where it came.')
    .argument('<name>', 'plugin')
    .option('--yes', 'install without asking')
    .addOption(jsonOption())
    .action((name: string, options: Options) => take((store) => store.update(name, signal), options));
  for (const [verb, description, done] of changes) {
    plugins
      .command(verb)
      .description(description)
      .argument('<name>', 'plugin')
      .addOption(jsonOption())
      .action(async (name: string, { json }: Options) => {
        await openStore()[verb](name);
        if (json) printJson({ name, [verb]: true });
        else printLines(done(name));
      });
  }
  plugins
    .command('new')
    .description('Write a plugin that works, with its test, into a new folder: a place to begin.')
    .argument('<name>', 'its name, which is the folder too')
    .addOption(new Option('--kind <kind>', 'what it is').choices([...TEMPLATE_KINDS]).default('attack'))
    .addOption(jsonOption())
    .action(create);
}

const changes = [
  ['enable', 'Use a plugin again.', (name: string) => `${name} is enabled`],
  ['disable', 'Keep a plugin without using it.', (name: string) => `${name} is disabled`],
  [
    'remove',
    'Put a plugin away.',
    (name: string) => `${name} is removed; halftone plugins restore ${name} brings it back`,
  ],
  ['restore', 'Bring back what was removed or updated last.', (name: string) => `${name} is back`],
] as const;

async function list({ json }: Options): Promise<void> {
  const installed = await openStore().list();
  if (json) return printJson(installed);
  if (installed.length === 0) return printLines('no plugin is installed; halftone plugins add installs one');
  printLines(...table(installed.map(row)));
}

function row({ name, enabled, manifest, record, problem }: Installed): string[] {
  const state = problem === undefined ? (enabled ? 'enabled' : 'disabled') : 'refused';
  return [name, manifest?.kind ?? '', manifest?.version ?? '', state, problem ?? record?.resolved ?? ''];
}

async function info(name: string, { json }: Options): Promise<void> {
  const found = await openStore().info(name);
  if (json) return printJson(found);
  const { manifest, record, failure, problem, folder } = found;
  const rows = [
    ...(problem === undefined ? [] : [['refused', problem]]),
    ...(manifest === undefined
      ? []
      : [['what', `${manifest.kind}, ${manifest.packageName} ${manifest.version}`]]),
    ['state', found.enabled ? 'enabled' : 'disabled'],
    ...(record === undefined ? [] : recordRows(record)),
    ['folder', folder],
    ...(failure === undefined ? [] : [['last failure', `${failure.at}: ${failure.reason}`]]),
  ];
  printLines(name, ...table(rows.map(([key, value]) => [`  ${key}`, value!])));
  if (failure !== undefined && failure.log !== '') printLines('', 'The last of its log:', failure.log);
}

function recordRows(record: NonNullable<Installed['record']>): string[][] {
  const { access, resolved, checksum, files, bytes, dependencies, installedAt } = record;
  return [
    ...(access === undefined ? [] : [['access', access]]),
    ['from', resolved],
    ['size', showSize(files, bytes)],
    ['depends on', showDependencies(dependencies)],
    ['checksum', checksum],
    ['installed', installedAt],
  ];
}

function showSize(files: number, bytes: number): string {
  return `${files} files, ${bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`}`;
}

function showDependencies(dependencies: Candidate['dependencies']): string {
  if (dependencies.length === 0) return 'nothing';
  const how = (bundled: boolean) => (bundled ? 'comes with it' : 'from npm');
  return dependencies.map(({ name, range, bundled }) => `${name} ${range} (${how(bundled)})`).join(', ');
}

/** Fetches, shows, asks, installs. */
async function take(fetching: (store: PluginStore) => Promise<Candidate>, options: Options): Promise<void> {
  if (options.yes === undefined && !process.stdin.isTTY) {
    const text = 'a plugin is installed after you have seen what it asks for; without a terminal, say --yes';
    throw new HalftoneError('bad-argument', text);
  }
  const candidate = await fetching(openStore());
  let settled = false;
  try {
    // In JSON alone nothing but the result is printed; whoever is asked must see what about.
    if (!options.json) printLines(...describe(candidate));
    else if (options.yes === undefined) process.stderr.write(`${describe(candidate).join('\n')}\n`);
    if (options.yes === undefined && !(await agreed(candidate))) {
      throw new HalftoneError('cancelled', 'cancelled');
    }
    settled = true;
    const installed = await candidate.accept();
    if (options.json) printJson(installed);
    else printLines(`${installed.name} is installed`);
  } finally {
    if (!settled) await candidate.discard();
  }
}

function describe({
  manifest,
  replaces,
  checksum,
  files,
  bytes,
  dependencies,
  resolved,
  scripts,
}: Candidate): string[] {
  const { name, kind, packageName, version, access, apiVersion } = manifest;
  const rows = [
    [
      'what',
      `${kind}, ${packageName} ${version}${replaces === undefined ? '' : `, in place of ${replaces}`}`,
    ],
    ['from', resolved],
    ...(kind === 'attack'
      ? [
          [
            'asks for',
            access === undefined ? 'access that its manifest does not state' : `${access} access to models`,
          ],
        ]
      : []),
    ['made for', `plugin API ${apiVersion}`],
    ['size', showSize(files, bytes)],
    ['depends on', showDependencies(dependencies)],
    ['checksum', checksum],
    ...(scripts.length === 0 ? [] : [['not run', `its scripts ${scripts.join(', ')}`]]),
  ];
  return [name, ...table(rows.map(([key, value]) => [`  ${key}`, value!]))];
}

async function agreed({ manifest }: Candidate): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`Install ${manifest.name}? It runs in a process of its own. [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

async function create(name: string, { kind, json }: { kind: TemplateKind; json?: true }): Promise<void> {
  const { folder, files } = await writeTemplate(process.cwd(), name, kind);
  if (json) return printJson({ name, kind, folder, files });
  printLines(
    `${folder} holds ${files.join(', ')}`,
    '',
    `Test it:     cd ${name} && node --test`,
    `Install it:  halftone plugins add ./${name}`,
  );
}
