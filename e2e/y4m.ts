import { open } from 'node:fs/promises';
import type { Raster } from '../lab/vision/raster.ts';

/** A sequence of frames as a camera gives them. */
export interface Y4mOptions {
  /** Frames a second; 30 by default. */
  readonly rate?: number;
  /** How often each picture is repeated; once by default. */
  readonly hold?: number;
}

/**
 * Writes RGB pictures of one even size as a YUV4MPEG2 file, which Chromium's fake camera plays over and over: BT.601 in
 * limited range, chroma of every other pixel both ways. One picture is in memory at a time.
 * Source: ITU-R BT.601-7, §2.5.1 and §2.5.3.
 */
export async function writeY4m(
  file: string,
  pictures: Iterable<Raster> | AsyncIterable<Raster>,
  { rate = 30, hold = 1 }: Y4mOptions = {},
): Promise<void> {
  const handle = await open(file, 'w');
  try {
    let size: string | undefined;
    for await (const picture of pictures) {
      const { width, height } = picture;
      const own = `W${width} H${height}`;
      if (width % 2 !== 0 || height % 2 !== 0) throw new Error(`a frame of ${own} has an odd side`);
      if (size === undefined) await handle.write(`YUV4MPEG2 ${own} F${rate}:1 Ip A1:1 C420jpeg\n`);
      else if (size !== own) throw new Error(`a frame of ${own} after one of ${size}`);
      size = own;
      const planes = toYuv420(picture);
      for (let time = 0; time < hold; time++) {
        await handle.write('FRAME\n');
        await handle.write(planes);
      }
    }
  } finally {
    await handle.close();
  }
}

/** The three planes of a picture one after the other: Y at full size, then Cb and Cr at half. */
export function toYuv420({ width, height, data }: Raster): Uint8Array {
  const pixels = width * height;
  const planes = new Uint8Array((pixels * 3) / 2);
  for (let i = 0; i < pixels; i++) {
    planes[i] = Math.round(16 + luma(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!) * (219 / 255));
  }
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const [r, g, b] = meanOfFour(data, width, x, y);
      const bright = luma(r, g, b);
      const at = (y / 2) * (width / 2) + x / 2;
      planes[pixels + at] = Math.round(128 + ((b - bright) / 1.772) * (224 / 255));
      planes[pixels * 1.25 + at] = Math.round(128 + ((r - bright) / 1.402) * (224 / 255));
    }
  }
  return planes;
}

function luma(r: number, g: number, b: number): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

function meanOfFour(data: Raster['data'], width: number, x: number, y: number): [number, number, number] {
  const at = 3 * (y * width + x);
  const below = at + 3 * width;
  const mean = (i: number) =>
    (data[at + i]! + data[at + 3 + i]! + data[below + i]! + data[below + 3 + i]!) / 4;
  return [mean(0), mean(1), mean(2)];
}
