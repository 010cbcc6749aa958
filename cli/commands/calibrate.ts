import { HalftoneError } from '@halftone/sdk/errors';
import { type Command, Option } from 'commander';
import { writeAtomic } from '../../lab/data/atomic.ts';
import { calibrationBoard } from '../../lab/vision/finder/board.ts';
import { calibrateFromPhotographs } from '../../lab/vision/node/calibrate-photographs.ts';
import { sheetsPdf } from '../../lab/vision/node/pdf.ts';
import { jsonOption } from '../options.ts';
import { printJson, printLines, startProgress } from '../output.ts';

interface Options {
  readonly board?: string;
  readonly out?: string;
  readonly paper: 'A4' | 'Letter';
  readonly json?: true;
}

const help = `
Print the board, lay it flat, and take five photographs or more with the camera's zoom and focus left alone: tilted by
some 30° to different sides, reaching into the corners of the picture.

Examples:
  halftone calibrate --board board.pdf
  halftone calibrate photos/*.jpg --out camera.json`;

/** `halftone calibrate`: a camera's lens, from photographs of a printed board. */
export function addCalibrate(program: Command, signal: AbortSignal): void {
  program
    .command('calibrate')
    .summary('find a camera’s lens from photographs of a board')
    .description('Finds focal length and distortion of a camera from photographs of a printed board.')
    .argument('[photo...]', 'photographs of the board, all by one camera')
    .option('--board <file>', 'write the board to print, as PDF')
    .addOption(new Option('--paper <paper>', 'of the board').choices(['A4', 'Letter']).default('A4'))
    .option('--out <file>', 'where the calibration goes, as JSON')
    .addOption(jsonOption())
    .addHelpText('after', help)
    .action((photos: string[], options: Options) => run(photos, options, signal));
}

async function run(
  photos: readonly string[],
  { board: pdf, out, paper, json }: Options,
  signal: AbortSignal,
): Promise<void> {
  const board = calibrationBoard(paper);
  if (pdf !== undefined) {
    await writeAtomic(pdf, await sheetsPdf([board], [[]]));
    if (photos.length === 0) return printLines(`${pdf}: print it at 100%`);
  }
  if (photos.length === 0) {
    throw new HalftoneError('bad-argument', 'no photographs given; print the board first: --board board.pdf');
  }
  const progress = startProgress('Looking for the board');
  const { camera, unused } = await calibrateFromPhotographs(photos, board, {
    signal,
    onProgress: progress.update,
  }).finally(progress.end);
  if (out !== undefined) await writeAtomic(out, `${JSON.stringify(camera, null, 2)}\n`);
  if (json) return printJson({ camera, unused });
  const degrees = (2 * Math.atan(camera.width / 2 / camera.fx) * 180) / Math.PI;
  printLines(
    ...unused.map(({ photograph, message }) => `${photograph}: not used, ${message}`),
    `${camera.frames} photographs of ${camera.width} × ${camera.height}: angle of view ${degrees.toFixed(1)}°, ` +
      `k1 ${camera.distortion[0].toFixed(4)}, marks ${camera.reprojectionError?.toFixed(2)} px from where the model has them`,
    ...(out === undefined ? ['nothing written: say where with --out camera.json'] : []),
  );
}
