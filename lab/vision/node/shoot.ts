import { seeded } from '@halftone/sdk';
import type { CameraSettings, Printer } from '../channel/settings.ts';
import { printToShoot } from '../channel/shoot.ts';
import type { ViewRanges } from '../channel/views.ts';
import type { Raster } from '../raster.ts';
import type { Sheet } from '../sheet/geometry.ts';
import { encodePng } from './pictures.ts';

/** A sheet to be printed and photographed in simulation. */
export interface ShootQuestion {
  readonly sheet: Sheet;
  /** Of the sheet's cells, in their order. */
  readonly pictures: readonly Raster[];
  readonly printer: Printer;
  readonly camera: CameraSettings;
  readonly ranges: ViewRanges;
  /** Of the print, and with each photograph's name of that photograph. */
  readonly seed: number;
  readonly names: readonly string[];
}

/** Prints a sheet once and photographs it, a PNG for each name: the same for a name whatever else is asked for. Seconds. */
export async function shootSheet(question: ShootQuestion): Promise<Uint8Array<ArrayBuffer>[]> {
  const { sheet, pictures, printer, camera, ranges, seed, names } = question;
  const print = seeded(seed).derive('print').derive(sheet.sheet);
  const shoot = printToShoot(sheet, pictures, { printer, camera, ranges }, print);
  const photographs: Uint8Array<ArrayBuffer>[] = [];
  for (const name of names) {
    const { frame } = shoot(seeded(seed).derive('capture').derive(name));
    photographs.push(new Uint8Array(await encodePng(frame)));
  }
  return photographs;
}
