/**
 * `node bench/photographs.ts [--count 10]`
 *
 * Photographs of 12 megapixels handed to a lab all at once, as when they are dropped on Capture: what they take, and
 * for how long the lab answers nobody else meanwhile. The sheet has 24 images of 227 × 227 pixels.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { seeded } from '@halftone/sdk';
import sharp from 'sharp';
import { createLab, type Lab } from '../lab/lab.ts';
import { cameras, printers } from '../lab/vision/channel/presets.ts';
import { printToShoot } from '../lab/vision/channel/shoot.ts';
import { careful } from '../lab/vision/channel/views.ts';
import { readCellPictures, readSheet } from '../lab/vision/node/sheet-folder.ts';
import { finished } from '../scripts/finished.ts';
import { root } from '../scripts/sources.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '10' } } });
const count = Number(values.count);
const camera = cameras['phone-12mp'];

/** A run with one printed sheet. */
async function printedRun(lab: Lab): Promise<string> {
  const attacks = [{ attack: 'fgsm', set: { epsilon: '8/255' } }];
  const data = { set: 'signs', count: 12 } as const;
  const sheet = { columns: 4, rows: 6 } as const;
  const recipe = { name: 'photographs', model: 'signs-separable', data, attacks, sheet };
  const { id } = await lab.createRun({ recipe });
  await lab.startRun({ id, until: 'sheets' });
  await finished(lab, id);
  return id;
}

/** JPEG files as a telephone writes them. */
async function takePhotographs(lab: Lab, id: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const folder = join((await lab.openRun({ id })).folder, 'sheets');
  const sheet = await readSheet(join(folder, 'sheet-1.json'));
  const studio = { printer: printers['office-laser'], camera, ranges: { ...careful, glare: 0 } };
  const random = seeded('photographs');
  const shoot = printToShoot(sheet, await readCellPictures(sheet, folder), studio, random.derive('print'));
  const files: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i < count; i++) {
    const { width, height, data } = shoot(random.derive(i)).frame;
    const image = sharp(data, { raw: { width, height, channels: 3 } });
    files.push(new Uint8Array(await image.jpeg({ quality: 92 }).toBuffer()));
  }
  return files;
}

const folder = await mkdtemp(join(tmpdir(), 'halftone-bench-'));
const lab = createLab({ dataDir: folder, root });
try {
  const id = await printedRun(lab);
  const files = await takePhotographs(lab, id);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const start = performance.now();
  const records = await Promise.all(
    files.map((bytes, i) => lab.addCapture({ id, name: `${i}.jpg`, bytes, origin: 'file' })),
  );
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  const ms = (nanoseconds: number) => (nanoseconds / 1e6).toFixed(0);
  const found = records.filter(({ sheet }) => sheet !== undefined).length;
  process.stdout.write(
    `${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}; ` +
      `${count} photographs of ${camera.width} × ${camera.height}, ${found} found\n` +
      `looked at in ${seconds.toFixed(1)} s; the lab's thread was held for ${ms(delay.percentile(50))} ms (median), ` +
      `${ms(delay.percentile(99))} (99%), ${ms(delay.max)} at most\n`,
  );
} finally {
  await lab.close();
  await rm(folder, { recursive: true, force: true });
}
