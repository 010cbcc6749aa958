import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeY4m } from './y4m.ts';

/** One colour over a 4×2 picture. */
const plain = (r: number, g: number, b: number) => ({
  width: 4,
  height: 2,
  data: new Uint8Array(Array.from({ length: 8 }, () => [r, g, b]).flat()),
});

it('frames become planes of Y, Cb and Cr in limited range', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'halftone-y4m-'));
  const file = join(folder, 'a.y4m');
  try {
    await writeY4m(file, [plain(255, 255, 255), plain(255, 0, 0), plain(0, 0, 0)], { rate: 10, hold: 2 });
    const bytes = await readFile(file);
    const head = 'YUV4MPEG2 W4 H2 F10:1 Ip A1:1 C420jpeg\n';
    expect(bytes.subarray(0, head.length).toString()).toBe(head);
    const frames = [];
    for (let at = head.length; at < bytes.length; at += 6 + 12) {
      expect(bytes.subarray(at, at + 6).toString()).toBe('FRAME\n');
      frames.push([...bytes.subarray(at + 6, at + 18)]);
    }
    // The values of BT.601: white, pure red, black; each frame held for two.
    const frame = (y: number, cb: number, cr: number) => [...Array(8).fill(y), cb, cb, cr, cr];
    const [white, red, black] = [frame(235, 128, 128), frame(81, 90, 240), frame(16, 128, 128)];
    expect(frames).toEqual([white, white, red, red, black, black]);
    await expect(writeY4m(file, [{ ...plain(0, 0, 0), width: 3 }])).rejects.toThrow('odd side');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
