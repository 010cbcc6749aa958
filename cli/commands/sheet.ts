import { basename } from 'node:path';
import { HalftoneError } from '@halftone/sdk';
import { type Command, Option } from 'commander';
import { loadClasses } from '../../lab/data/classes.ts';
import { pdfName, type VariantFolder, writeSheetFolder } from '../../lab/vision/node/sheet-folder.ts';
import type { SheetSettingsInput } from '../../lab/vision/sheet/settings.ts';
import { anyNumber, jsonOption, wholeNumber } from '../options.ts';
import { printJson, printLines, startProgress } from '../output.ts';

interface Options {
  readonly out: string;
  readonly run?: string;
  readonly classes?: string;
  readonly paper: 'A4' | 'Letter';
  readonly landscape?: true;
  readonly margin?: number;
  readonly markerSize?: number;
  readonly imageSize?: number;
  readonly gap?: number;
  readonly columns?: number;
  readonly rows?: number;
  readonly arrangement?: 'by-source' | 'grid';
  readonly json?: true;
}

const help = `
Print sheets.pdf at 100% ("actual size"), on plain white paper. The folder also gets sheet-N.json, which finding the
sheets in photographs takes, and the images as printed.

Examples:
  halftone sheet photographs --out sheets
  halftone sheet clean=photographs bim=adversarial --out sheets --run first-try
  halftone sheet clean=a fgsm=b bim=c --out sheets --paper Letter --image-size 50 --classes imagenet.json`;

/** `halftone sheet`: images to a PDF to print. */
export function addSheet(program: Command, signal: AbortSignal): void {
  program
    .command('sheet')
    .summary('lay images on sheets to print')
    .description(
      'Lays the images of folders on sheets with fiducials: a PDF to print, and where everything is.',
    )
    .argument('<folder...>', 'folders of images, each VARIANT=FOLDER; images of one name are one image')
    .requiredOption('--out <folder>', 'new folder for the sheets')
    .option('--run <name>', "short name that the sheets carry (default: the out folder's)")
    .option(
      '--classes <file>',
      'JSON with the class names, for images named <class>_… or in folders by class',
    )
    .addOption(new Option('--paper <paper>', 'paper').choices(['A4', 'Letter']).default('A4'))
    .option('--landscape', 'paper on its side')
    .option('--margin <mm>', 'unprinted rim (default: 10)', anyNumber)
    .option('--marker-size <mm>', 'side of a fiducial (default: 18)', anyNumber)
    .option('--image-size <mm>', 'longer side of an image (default: 34)', anyNumber)
    .option('--gap <mm>', 'least white between images (default: 3)', anyNumber)
    .option('--columns <n>', 'images across (default: as many as fit)', wholeNumber(1))
    .option('--rows <n>', 'images down (default: as many as fit)', wholeNumber(1))
    .addOption(
      new Option('--arrangement <how>', 'versions of one image side by side, or a plain grid').choices([
        'by-source',
        'grid',
      ]),
    )
    .addOption(jsonOption())
    .addHelpText('after', help)
    .action((folders: string[], options: Options) => makeSheets(folders, options, signal));
}

async function makeSheets(folders: readonly string[], options: Options, signal: AbortSignal): Promise<void> {
  const { out, run = basename(out), json } = options;
  const classes = options.classes === undefined ? undefined : await loadClasses(options.classes);
  const progress = startProgress('sheets');
  try {
    const sheets = await writeSheetFolder({
      variants: variantsOf(folders),
      out,
      run,
      settings: settingsOf(options),
      signal,
      onProgress: progress.update,
      ...(classes === undefined ? {} : { classes }),
    });
    const count = sheets.reduce((sum, { cells }) => sum + cells.length, 0);
    if (json) printJson({ out, run, pdf: `${out}/${pdfName}`, sheets: sheets.length, images: count });
    else
      printLines(
        `${count} images on ${sheets.length} ${sheets.length === 1 ? 'sheet' : 'sheets'}: ${out}/${pdfName}`,
        'print it at 100%, with no fitting to the page',
      );
  } finally {
    progress.end();
  }
}

/** `VARIANT=FOLDER` each; a single folder needs no name, and is clean. */
function variantsOf(folders: readonly string[]): VariantFolder[] {
  const variants = folders.map((text, i) => {
    const at = text.lastIndexOf('=');
    if (at > 0) return { variant: text.slice(0, at), folder: text.slice(at + 1) };
    if (i === 0) return { variant: 'clean', folder: text };
    throw new HalftoneError('bad-argument', `${text}: name the version, as in bim=${text}`);
  });
  const names = variants.map(({ variant }) => variant);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return variants;
  throw new HalftoneError('bad-argument', `two folders are called ${twice}`);
}

/** What was given, by the names that sheets' settings have. */
function settingsOf(options: Options): SheetSettingsInput {
  const { paper, landscape, margin, markerSize, imageSize, gap, columns, rows, arrangement } = options;
  const given = { margin, markerSize, imageSize, gap, columns, rows, arrangement };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { paper, orientation: landscape ? 'landscape' : 'portrait', ...said };
}
