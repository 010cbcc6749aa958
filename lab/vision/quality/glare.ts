import { channelsOf, type Frame, linearLight } from '../finder/frame.ts';
import { type SheetMap, toFrame } from '../finder/sheet-map.ts';
import type { Rectangle } from '../sheet/geometry.ts';
import type { PaperLight } from './paper.ts';

/** Places looked at along each side of an image. */
const grid = 24;
/** Nothing printed sends back more light than paper: beyond this much of it, a lamp is mirrored. */
const beyondPaper = 1.25;
/** Paper that comes so near to full that glare can't be told from it. */
const nearlyFull = 0.85;
const fullLevel = 253;

/** The share of an area of the sheet (in mm) that is brighter than bare paper would be there, 0 to 1. */
export function glareOver(frame: Frame, map: SheetMap, area: Rectangle, paper: PaperLight): number {
  const channels = channelsOf(frame);
  let glaring = 0;
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const place = {
        x: area.x + (area.width * (column + 0.5)) / grid,
        y: area.y + (area.height * (row + 0.5)) / grid,
      };
      const { x, y } = toFrame(map, place);
      const [i, j] = [Math.floor(x), Math.floor(y)];
      if (i < 0 || j < 0 || i >= frame.width || j >= frame.height) continue;
      const white = paper.at(place);
      const at = (j * frame.width + i) * channels;
      // All three channels: a colour alone may be brighter than a tinted paper's.
      const isGlare = [0, 1, 2].every((c) => {
        const level = frame.data[at + c]!;
        if (linearLight[level]! > beyondPaper * white[c]!) return true;
        return level >= fullLevel && white[c]! < nearlyFull;
      });
      if (isGlare) glaring += 1;
    }
  }
  return glaring / (grid * grid);
}
