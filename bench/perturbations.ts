import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readCaptures, usableCrops } from '../lab/experiments/physical/capture-record.ts';
import { imagePath, openRun, type Run } from '../lab/runs/folder.ts';
import { readPicture } from '../lab/vision/node/pictures.ts';
import type { Raster } from '../lab/vision/raster.ts';

/**
 * `node bench/perturbations.ts RUN`
 *
 * What the perturbations of a physical run are like, attack by attack, and what of them is left in photographs: their
 * mean size in levels, the share of their energy that means over squares of 4 × 4 pixels keep (of white noise, 6%),
 * and how much of them shows between the crops of an adversarial and a clean image of one photograph (the factor
 * that fits them best; print and camera take contrast, too).
 */

const { positionals } = parseArgs({ allowPositionals: true });
const run = await openRun(positionals[0] ?? '.');
const captures = await readCaptures(run);
const sources = [...new Set(captures.flatMap(({ crops }) => crops.map(({ source }) => source)))];
const block = 4;

interface Sums {
  images: number;
  size: number;
  coarse: number;
  readonly kept: number[];
}

for (const { key } of run.record.variants) {
  const sums: Sums = { images: 0, size: 0, coarse: 0, kept: [] };
  for (const source of sources) await add(sums, key, source);
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  process.stdout.write(
    `${key}: mean size ${(sums.size / sums.images).toFixed(2)} levels, ` +
      `coarse ${percent(sums.coarse / sums.images)}, left in photographs ${percent(mean(sums.kept))}\n`,
  );
}

async function add(sums: Sums, variant: string, source: number): Promise<void> {
  const change = await difference(run, imagePath(variant, source), imagePath('clean', source));
  sums.images += 1;
  sums.size += change.values.reduce((sum, value) => sum + Math.abs(value), 0) / change.values.length;
  sums.coarse += coarseShare(change);
  for (const capture of captures) {
    const crops = usableCrops(capture).filter((crop) => crop.source === source);
    const [own, clean] = [variant, 'clean'].map((name) => crops.find((crop) => crop.variant === name));
    if (own === undefined || clean === undefined) continue;
    const seen = await difference(run, own.file, clean.file);
    sums.kept.push(dot(change.values, seen.values) / dot(change.values, change.values));
  }
}

interface Change extends Omit<Raster, 'data'> {
  readonly values: Float64Array;
}

/** One picture less another, the mean of each channel taken out: light differs from place to place. */
async function difference({ folder }: Run, one: string, other: string): Promise<Change> {
  const [a, b] = await Promise.all([readPicture(join(folder, one)), readPicture(join(folder, other))]);
  const values = Float64Array.from(a.data, (value, i) => value - b.data[i]!);
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    for (let i = c; i < values.length; i += 3) sum += values[i]!;
    for (let i = c; i < values.length; i += 3) values[i]! -= (3 * sum) / values.length;
  }
  return { width: a.width, height: a.height, values };
}

function coarseShare({ width, height, values }: Change): number {
  let energy = 0;
  for (let y = 0; y + block <= height; y += block) {
    for (let x = 0; x + block <= width; x += block) {
      for (let c = 0; c < 3; c++) energy += squareMean(values, (y * width + x) * 3 + c, width) ** 2;
    }
  }
  return (energy * block * block) / dot(values, values);
}

function squareMean(values: Float64Array, corner: number, width: number): number {
  let sum = 0;
  for (let j = 0; j < block; j++) {
    for (let i = 0; i < block; i++) sum += values[corner + (j * width + i) * 3]!;
  }
  return sum / (block * block);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
