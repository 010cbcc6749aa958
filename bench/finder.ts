import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { seeded } from '@halftone/sdk';
import sharp from 'sharp';
import { capture } from '../lab/vision/channel/capture.ts';
import { cameras, printers } from '../lab/vision/channel/presets.ts';
import { printSheet } from '../lab/vision/channel/print.ts';
import { careful, drawView } from '../lab/vision/channel/views.ts';
import { cutCells } from '../lab/vision/finder/cut.ts';
import { findSheet } from '../lab/vision/finder/find.ts';
import type { Finding } from '../lab/vision/finder/finding.ts';
import type { Frame } from '../lab/vision/finder/frame.ts';
import { cornerErrors, drawFrame, type Ranges, required, testSheets } from '../lab/vision/finder/testing.ts';
import { loadOpenCv } from '../lab/vision/opencv.ts';
import { gradeCapture } from '../lab/vision/quality/grade.ts';
import type { Sheet } from '../lab/vision/sheet/geometry.ts';
import { layOut } from '../lab/vision/sheet/layout.ts';
import { renderSheet } from '../lab/vision/sheet/render.ts';
import { testImages } from '../lab/vision/sheet/testing.ts';
import { median } from './statistics.ts';

/**
 * `node bench/finder.ts [--frames 100] [--repeats 3] [--only WORDS] [--seed a] [--keep DIR]`
 *
 * The finder on simulated frames of 1920 × 1080: the share found, wrong identities, how far the corners of the crops
 * are from the truth, time a frame. First within what is required; then through the preset's lens, not calibrated;
 * then on bent paper too; last, 24 images found in a photograph of 12 megapixels and cut out. Times are of the
 * processor, not of the clock: the least of the repetitions of each frame, as other programs only ever add to it.
 */

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '100' },
    repeats: { type: 'string', default: '3' },
    seed: { type: 'string', default: 'bench' },
    only: { type: 'string' },
    keep: { type: 'string' },
  },
});
const cv = await loadOpenCv();
const { sheets, pictures } = testSheets('bench', 60);

interface Tally {
  found: number;
  wrong: number;
  /** Corners beyond half a pixel and 0.3 mm, whichever is larger. */
  beyond: number;
  readonly pixels: number[];
  readonly mm: number[];
  /** Milliseconds of processor time: finding anew, following from the frame before, grading. */
  readonly times: number[];
  readonly following: number[];
  readonly grading: number[];
  readonly missed: string[];
}

const rows: readonly (readonly [string, Ranges])[] = [
  ['required', required],
  ['and an unknown lens', { ...required, lens: true }],
  ['and paper bent up to 0.5/m', { ...required, lens: true, bend: 0.5 }],
];
for (const [name, ranges] of rows) {
  if (values.only !== undefined && !name.includes(values.only)) continue;
  print(name, await tally(ranges, name));
}

if (values.only === undefined || '12 megapixels'.includes(values.only)) await timePhotograph();

/** A sheet of 24 images of 227 × 227 pixels, photographed by the preset phone. */
async function timePhotograph(): Promise<void> {
  const { images, pictures } = testImages(12, 227);
  const [sheet] = layOut(images, 'photograph', { columns: 4, rows: 6 }) as [Sheet];
  const camera = cameras['phone-12mp'];
  const random = seeded(values.seed);
  const pixelsPerMm = (1.5 * camera.height) / sheet.paper.height;
  const picture = renderSheet(sheet, pictures, pixelsPerMm);
  const print = printSheet(picture, pixelsPerMm, printers['office-laser'], random.derive('print'));
  const view = drawView(sheet.paper, camera, careful, random.derive('view'));
  const taken = capture(print, sheet, camera, view, random.derive('camera'));
  const frame = await throughJpeg(taken.frame, 92);
  const [finding, find] = timed(() => findSheet(cv, frame, { sheets: [sheet] }));
  if (!finding.found) throw new Error(`12 megapixels: ${finding.message}`);
  const [crops, cut] = timed(() => cutCells(frame, finding));
  const off = Math.max(...cornerErrors(finding, taken.truth).pixels);
  process.stdout.write(
    `12 megapixels: finding ${find.toFixed(0)} ms, cutting ${crops.length} images ${cut.toFixed(0)} ms; ` +
      `corners at most ${off.toFixed(2)} px off\n`,
  );
}

async function tally(ranges: Ranges, name: string): Promise<Tally> {
  const sums: Tally = {
    found: 0,
    wrong: 0,
    beyond: 0,
    pixels: [],
    mm: [],
    times: [],
    following: [],
    grading: [],
    missed: [],
  };
  for (let i = 0; i < Number(values.frames); i++) {
    const which = i % sheets.length;
    const seed = `${values.seed}/${i}`;
    const { frame: raster, truth, view } = drawFrame(sheets[which]!, pictures[which]!, ranges, seed);
    const quality = 60 + ((i * 37) % 36);
    const frame = await throughJpeg(raster, quality);
    const [finding, time] = timed(() => findSheet(cv, frame, { sheets }));
    sums.times.push(time);
    if (finding.found) {
      count(sums, finding, which, truth);
      sums.following.push(timed(() => findSheet(cv, frame, { sheets, previous: finding }))[1]);
      sums.grading.push(timed(() => gradeCapture(frame, finding))[1]);
    } else {
      const { yaw, pitch, distance, exposure, defocus } = view;
      const tilt = Math.round(Math.hypot(yaw, pitch));
      sums.missed.push(
        `${i}: ${finding.reason}, ${tilt}°, ${Math.round(distance)} mm, σ ${defocus.toFixed(1)}, ${exposure.toFixed(1)} EV`,
      );
    }
    if (values.keep !== undefined && !finding.found)
      await keep(frame, `${values.keep}/${name.slice(0, 8)}-${i}.png`);
  }
  return sums;
}

/** What work gives, and the least processor time it took in the repetitions, in milliseconds. */
function timed<T>(work: () => T): [T, number] {
  const once = (): [T, number] => {
    const start = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(start);
    return [result, (user + system) / 1000];
  };
  const all = Array.from({ length: Number(values.repeats) }, once);
  return [all[0]![0], Math.min(...all.map(([, time]) => time))];
}

function count(
  sums: Tally,
  finding: Extract<Finding, { found: true }>,
  which: number,
  truth: Parameters<typeof cornerErrors>[1],
): void {
  if (finding.sheet.sheet !== sheets[which]!.sheet) {
    sums.wrong += 1;
    return;
  }
  sums.found += 1;
  const { pixels, mm } = cornerErrors(finding, truth);
  sums.pixels.push(...pixels);
  sums.mm.push(...mm);
  sums.beyond += pixels.filter((off, k) => off > 0.5 && mm[k]! > 0.3).length;
}

async function throughJpeg({ width, height, data }: Frame, quality: number): Promise<Frame> {
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  return { width, height, data: await sharp(jpeg).raw().toBuffer() };
}

async function keep({ width, height, data }: Frame, path: string): Promise<void> {
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path);
}

function print(name: string, tally: Tally): void {
  const { found, wrong, beyond, pixels, mm, times, missed } = tally;
  const line = (what: string, list: readonly number[]) =>
    `  ${what}: median ${median(list).toFixed(0)} ms, 95% ${at(list, 0.95).toFixed(0)} ms\n`;
  process.stdout.write(
    `${name}: found ${found}/${times.length}, wrong ${wrong}\n` +
      `  corners: median ${at(pixels, 0.5).toFixed(3)} px, 95% ${at(pixels, 0.95).toFixed(3)} px ` +
      `(${at(mm, 0.95).toFixed(3)} mm), most ${at(pixels, 1).toFixed(2)} px; ` +
      `beyond both bounds ${((100 * beyond) / Math.max(pixels.length, 1)).toFixed(2)}%\n` +
      line('finding anew', times) +
      line('following', tally.following) +
      line('grading', tally.grading) +
      `  load of the machine: ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores\n` +
      missed.map((one) => `  missed ${one}\n`).join(''),
  );
}

function at(list: readonly number[], share: number): number {
  return [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(share * list.length))] ?? NaN;
}
