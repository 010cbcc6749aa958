import type { Command } from 'commander';
import {
  addToShelf,
  fetchToShelf,
  findSet,
  type Shelved,
  type SplitName,
} from '../../lab/data/sets/index.ts';
import { listSets } from '../../lab/registry/plugin-sets.ts';
import { dataShelf, openSet } from '../data-sets.ts';
import { jsonOption } from '../options.ts';
import { type Progress, printJson, printLines, startProgress, table } from '../output.ts';
import { openRegistry } from '../registry.ts';

interface Options {
  readonly json?: true;
}

const examples = `
Examples:
  halftone data
  halftone data info mnist
  halftone data info photos.json
  halftone data get fashion-mnist
  halftone data add fashion-mnist downloads/fashion`;

/** `halftone data`: list, info, get, add. */
export function addData(program: Command, signal: AbortSignal): void {
  const data = program
    .command('data')
    .summary('list data sets, show one, get one, add one from its original files')
    .description(
      'The data sets that the lab knows: those that are here, and those whose files can be got or added.',
    )
    .addHelpText('after', examples);
  data
    .command('list', { isDefault: true })
    .description('List the data sets.')
    .addOption(jsonOption())
    .action(list);
  data
    .command('info')
    .description('Read a data set and show its classes, sizes and counts.')
    .argument('<name>', 'data set, or a JSON file that describes folders of images (see lab/data/README.md)')
    .addOption(jsonOption())
    .action(info);
  data
    .command('get')
    .description("Download a data set's original files, check them and put them into the lab.")
    .argument('<name>', 'data set')
    .addOption(jsonOption())
    .addHelpText('after', '\nAn interrupted download goes on where it was when the command is run again.')
    .action((name: string, options: Options) => get(name, options, signal));
  data
    .command('add')
    .description("Check a data set's original files and copy them into the lab.")
    .argument('<name>', 'data set')
    .argument('<folder>', 'where its original files are')
    .addOption(jsonOption())
    .action(add);
}

async function list({ json }: Options): Promise<void> {
  const listed = await listSets(openRegistry());
  const sets = await Promise.all(
    listed.sets.map(async (set) => ({
      name: set.name,
      here: await set.isHere(dataShelf()),
      summary: set.summary,
      ...(set.originals === undefined
        ? {}
        : { originals: { files: set.originals.files, home: set.originals.home } }),
    })),
  );
  // JSON is the list alone; people hear of the rest too.
  for (const { name, problem } of listed.broken) process.stderr.write(`refused: ${name}: ${problem}\n`);
  if (json) return printJson(sets);
  printLines(
    ...table(
      sets.map(({ name, here, summary, originals }) => [
        name,
        here ? 'here' : 'to get',
        here || originals === undefined ? summary : `${summary}; ${originals.home}`,
      ]),
    ),
  );
}

async function info(name: string, { json }: Options): Promise<void> {
  const set = await openSet(name);
  const { summary, height, width, channels, classes } = set;
  const counts = (split: SplitName) => {
    const { count, labels } = set.splits[split];
    const perClass = new Array<number>(classes.length).fill(0);
    for (const label of labels(Int32Array.from({ length: count }, (_, i) => i))) perClass[label]! += 1;
    return { count, perClass };
  };
  const splits = { train: counts('train'), test: counts('test') };
  if (json) return printJson({ name, summary, height, width, channels, classes, splits });
  printLines(
    `${name}: ${summary}`,
    `${height}×${width}×${channels}; ${splits.train.count} images to train on, ${splits.test.count} to test on`,
    '',
    ...table([
      ['', 'class', 'train', 'test'],
      ...classes.map((entry, i) => [
        String(i),
        entry.name,
        String(splits.train.perClass[i]),
        String(splits.test.perClass[i]),
      ]),
    ]),
  );
}

async function get(name: string, { json }: Options, signal: AbortSignal): Promise<void> {
  let current = '';
  let progress: Progress | undefined;
  try {
    const shelved = await fetchToShelf(findSet(name), dataShelf(), {
      signal,
      onProgress: (file, done, total) => {
        if (file !== current) progress = startProgress(`${file}, bytes`);
        current = file;
        progress?.update(done, total ?? done);
      },
    });
    progress?.end();
    show(name, shelved, json);
  } finally {
    progress?.end();
  }
}

async function add(name: string, folder: string, { json }: Options): Promise<void> {
  show(name, await addToShelf(findSet(name), folder, dataShelf()), json);
}

function show(name: string, shelved: Shelved, json: true | undefined): void {
  if (json) {
    printJson({ name, ...shelved });
    return;
  }
  const how = {
    checksum: 'the original, by its checksum',
    contents:
      'format, size, labels and counts are right (its authors publish no checksum of this file as it is)',
  };
  printLines(
    `${name} is in ${shelved.folder}`,
    ...table(shelved.files.map(({ file, checked }) => [file, how[checked]])),
  );
}
