import { type Command, Option } from 'commander';
import { type CameraName, cameras, type PrinterName, printers } from '../../lab/vision/channel/presets.ts';
import { careful } from '../../lab/vision/channel/views.ts';
import { simulateFolder } from '../../lab/vision/node/simulate-folder.ts';
import { anyNumber, jsonOption, wholeNumber } from '../options.ts';
import { printJson, printLines, startProgress } from '../output.ts';

interface Options {
  readonly out: string;
  readonly preset: CameraName;
  readonly printer: PrinterName;
  readonly views: number;
  readonly seed: number;
  readonly angle: number;
  readonly leastFill: number;
  readonly defocus: number;
  readonly exposure: number;
  readonly json?: true;
}

const help = `
Photographs are PNGs (with what the camera's JPEG lost); beside each lies a JSON file that says how it was taken and
where every fiducial and image really is.

Examples:
  halftone simulate sheets/sheet-1.json --preset webcam-1080p --views 5 --out frames
  halftone simulate sheets/sheets.pdf --preset phone-12mp --printer photo-inkjet --angle 45 --out frames`;

/** `halftone simulate`: photographs of sheets without paper. */
export function addSimulate(program: Command, signal: AbortSignal): void {
  program
    .command('simulate')
    .summary('print and photograph sheets in simulation')
    .description('Simulates printing sheets and photographing them on a desk, by hand, each view drawn anew.')
    .argument('<sheet>', 'a sheet-N.json, or the sheets.pdf beside them for all')
    .requiredOption('--out <folder>', 'folder for the photographs')
    .addOption(
      new Option('--preset <camera>', 'the camera').choices(Object.keys(cameras)).default('webcam-1080p'),
    )
    .addOption(
      new Option('--printer <printer>', 'the printer').choices(Object.keys(printers)).default('office-laser'),
    )
    .option('--views <n>', 'photographs of each sheet', wholeNumber(1, 10_000), 5)
    .option('--angle <degrees>', 'largest angle from upright', anyNumber, careful.angle)
    .option(
      '--least-fill <share>',
      "least share of the frame's height that a sheet takes",
      anyNumber,
      careful.fill[0],
    )
    .option(
      '--defocus <pixels>',
      'largest blur by missed focus, standard deviation',
      anyNumber,
      careful.defocus,
    )
    .option('--exposure <stops>', 'largest error of the exposure', anyNumber, careful.exposure)
    .option('--seed <n>', 'seed of all randomness', wholeNumber(0), 0)
    .addOption(jsonOption())
    .addHelpText('after', help)
    .action((path: string, options: Options) => simulate(path, options, signal));
}

async function simulate(path: string, options: Options, signal: AbortSignal): Promise<void> {
  const { out, preset, printer, views, seed, angle, leastFill, defocus, exposure, json } = options;
  const progress = startProgress('photographs');
  try {
    const frames = await simulateFolder({
      path,
      out,
      camera: preset,
      printer,
      views,
      seed,
      signal,
      ranges: {
        ...careful,
        angle,
        fill: [leastFill, Math.max(leastFill, careful.fill[1])],
        defocus,
        exposure,
      },
      onProgress: progress.update,
    });
    if (json) printJson({ out, frames });
    else printLines(`${frames.length} photographs in ${out}`);
  } finally {
    progress.end();
  }
}
