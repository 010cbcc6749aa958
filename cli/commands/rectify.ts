import { basename } from 'node:path';
import { HalftoneError } from '@halftone/sdk/errors';
import { type Command, InvalidArgumentError } from 'commander';
import { parseWith, readJson } from '../../lab/data/schema.ts';
import { type PhotographRecord, rectifyPhotographs } from '../../lab/vision/node/rectify-photographs.ts';
import { type Sheet, sheetSchema } from '../../lab/vision/sheet/geometry.ts';
import { jsonOption } from '../options.ts';
import { printJson, printLines, startProgress, table } from '../output.ts';
import { readCamera } from '../physical.ts';

interface Options {
  readonly sheet: readonly string[];
  readonly out: string;
  readonly size?: { readonly width: number; readonly height: number };
  readonly calibration?: string;
  readonly whiten?: true;
  readonly json?: true;
}

/** `halftone rectify`: the images of printed sheets, cut out of photographs. */
export function addRectify(program: Command, signal: AbortSignal): void {
  program
    .command('rectify')
    .summary('cut the images of a sheet out of photographs')
    .description(
      'Finds a printed sheet in photographs, says how good they are, and writes each image on it as an upright PNG.',
    )
    .argument('<photo...>', 'photographs: JPEG, PNG, WebP')
    .requiredOption(
      '--sheet <file...>',
      'geometry of the sheets that may be seen: sheet-1.json and others of the run',
    )
    .requiredOption('--out <folder>', 'where the crops go, a folder a photograph')
    .option('--size <pixels>', 'of the crops, such as 224 or 224x192 (default: each image’s own)', parseSize)
    .option('--calibration <file>', 'the camera’s lens, as halftone calibrate wrote it')
    .option('--whiten', 'make paper white and light even; the protocol leaves crops as the camera gave them')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  halftone rectify IMG_1.jpg IMG_2.jpg --sheet sheet-1.json sheet-2.json --out crops',
    )
    .action((photos: string[], options: Options) => run(photos, options, signal));
}

function parseSize(text: string): { width: number; height: number } {
  const match = /^(\d{1,4})(?:x(\d{1,4}))?$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (width >= 1 && height >= 1) return { width, height };
  throw new InvalidArgumentError('Write it as 224 or 224x192.');
}

async function run(photos: readonly string[], options: Options, signal: AbortSignal): Promise<void> {
  const { out, size, whiten, json } = options;
  const sheets = await readSheets(options.sheet);
  const { camera } = await readCamera(options.calibration);
  const progress = startProgress('Rectifying');
  const records = await rectifyPhotographs(photos, {
    sheets,
    out,
    size,
    whiten,
    camera,
    signal,
    onProgress: progress.update,
  }).finally(progress.end);
  if (json) printJson(records);
  else for (const record of records) printLines(...linesOf(record));
  const failed = records.filter(({ found }) => !found).length;
  if (failed === 0) return;
  throw new HalftoneError(
    'bad-image',
    `${failed} of ${records.length} photographs can't be used; the others are in ${out}`,
  );
}

async function readSheets(paths: readonly string[]): Promise<Sheet[]> {
  const sheets: Sheet[] = [];
  for (const path of paths) sheets.push(parseWith(sheetSchema, await readJson(path), path));
  return sheets;
}

function linesOf(record: PhotographRecord): string[] {
  const name = basename(record.photograph);
  if (!record.found)
    return [record.message.startsWith(record.photograph) ? record.message : `${name}: ${record.message}`];
  const { grade, crops } = record;
  const facts = [
    `${grade.dpi.toFixed(0)} dpi`,
    `${grade.angle.toFixed(0)}°`,
    ...(grade.edgeWidth === null ? [] : [`edges ${grade.edgeWidth.toFixed(1)} px wide`]),
    ...(grade.paperLevel === null ? [] : [`paper at ${grade.paperLevel.toFixed(0)} of 255`]),
  ];
  const poor = crops.filter(({ faults }) => faults.length > 0);
  return [
    `${name}: sheet ${record.sheet} of ${record.run}, ${crops.length} images, ${facts.join(', ')}`,
    ...grade.faults.map((fault) => `  ${fault}`),
    ...table(poor.map(({ file, faults }) => [`  ${basename(file)}`, faults.join('; ')])),
  ];
}
