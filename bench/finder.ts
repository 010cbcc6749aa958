import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { findSheet } from '../lab/vision/finder/find.ts';
import type { Finding } from '../lab/vision/finder/finding.ts';
import type { Frame } from '../lab/vision/finder/frame.ts';
import { cornerErrors, drawFrame, type Ranges, required, testSheets } from '../lab/vision/finder/testing.ts';
import { loadOpenCv } from '../lab/vision/opencv.ts';
import { median } from './statistics.ts';

/**
 * `node bench/finder.ts [--frames 100] [--seed a] [--keep DIR]`
 *
 * The finder on simulated frames of 1920 × 1080: the share found, wrong identities, how far the corners of the crops
 * are from the truth, time a frame. First within what is required; then through the preset's lens, not calibrated;
 * then on bent paper too.
 */

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '100' },
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
  /** Milliseconds of processor time. */
  readonly times: number[];
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

async function tally(ranges: Ranges, name: string): Promise<Tally> {
  const sums: Tally = { found: 0, wrong: 0, beyond: 0, pixels: [], mm: [], times: [], missed: [] };
  for (let i = 0; i < Number(values.frames); i++) {
    const which = i % sheets.length;
    const seed = `${values.seed}/${i}`;
    const { frame: raster, truth, view } = drawFrame(sheets[which]!, pictures[which]!, ranges, seed);
    const quality = 60 + ((i * 37) % 36);
    const frame = await throughJpeg(raster, quality);
    const start = process.cpuUsage();
    const finding = findSheet(cv, frame, { sheets });
    const { user, system } = process.cpuUsage(start);
    sums.times.push((user + system) / 1000);
    if (finding.found) count(sums, finding, which, truth);
    else {
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

function print(name: string, { found, wrong, beyond, pixels, mm, times, missed }: Tally): void {
  const at = (list: readonly number[], share: number) =>
    [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(share * list.length))] ?? Number.NaN;
  process.stdout.write(
    `${name}: found ${found}/${times.length}, wrong ${wrong}\n` +
      `  corners: median ${at(pixels, 0.5).toFixed(3)} px, 95% ${at(pixels, 0.95).toFixed(3)} px ` +
      `(${at(mm, 0.95).toFixed(3)} mm), most ${at(pixels, 1).toFixed(2)} px; ` +
      `beyond both bounds ${((100 * beyond) / Math.max(pixels.length, 1)).toFixed(2)}%\n` +
      `  processor time a frame: median ${median(times).toFixed(0)} ms, 95% ${at(times, 0.95).toFixed(0)} ms\n` +
      missed.map((line) => `  missed ${line}\n`).join(''),
  );
}
