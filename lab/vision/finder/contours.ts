/** A contour's corners: x, y, x, y, …, against the clock round what is dark, with the clock round holes. */
export type Contour = readonly number[];

/** The eight neighbours of a pixel, clockwise from the right, with y down. */
const dx = [1, 1, 0, -1, -1, -1, 0, 1] as const;
const dy = [0, 1, 1, 1, 0, -1, -1, -1] as const;

/**
 * The outer contours of a picture of two values, and those of some holes, by border following (Suzuki and Abe 1985),
 * through the middles of the outermost pixels; only those whose box is between `least` and `most` pixels each way.
 * Done here rather than by OpenCV, which hands contours over one object at a time: noise makes thousands.
 *
 * @param dark not 0 inside; its rim counts as outside. Overwritten: followed pixels become 1.
 */
export function findContours(
  dark: Uint8Array,
  width: number,
  height: number,
  least: number,
  most: number,
): Contour[] {
  const steps = dx.map((x, i) => dy[i]! * width + x);
  clearRim(dark, width, height);
  const contours: Contour[] = [];
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * width - 1;
    for (let at = y * width + 1; at < end; at++) {
      // A left edge that no border has passed yet.
      if (dark[at] !== 255 || dark[at - 1] !== 0) continue;
      const contour = follow(dark, at, width, steps, least, most);
      if (contour !== undefined) contours.push(contour);
    }
  }
  return contours;
}

function clearRim(dark: Uint8Array, width: number, height: number): void {
  dark.fill(0, 0, width);
  dark.fill(0, (height - 1) * width);
  for (let y = 1; y < height - 1; y++) {
    dark[y * width] = 0;
    dark[(y + 1) * width - 1] = 0;
  }
}

/** Walks once round a border from a pixel whose left neighbour is outside. */
function follow(
  dark: Uint8Array,
  start: number,
  width: number,
  steps: readonly number[],
  least: number,
  most: number,
): Contour | undefined {
  // The first dark neighbour clockwise from the left is where the walk will end.
  let back = 4;
  for (let i = 1; i <= 8; i++) {
    back = (4 + i) % 8;
    if (dark[start + steps[back]!] !== 0) break;
    if (i === 8) {
      dark[start] = 1;
      return undefined;
    }
  }
  const last = start + steps[back]!;
  let [x, y] = [start % width, Math.floor(start / width)];
  let [left, right, top, bottom] = [x, x, y, y];
  const corners: number[] = [];
  let at = start;
  let before = -1;
  for (;;) {
    // Against the clock from where the walk came: the next dark neighbour.
    let direction = back;
    do direction = (direction + 7) % 8;
    while (dark[at + steps[direction]!] === 0);
    dark[at] = 1;
    if (direction !== before) corners.push(x, y);
    const next = at + steps[direction]!;
    if (next === start && at === last) break;
    x += dx[direction]!;
    y += dy[direction]!;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
    at = next;
    before = direction;
    back = (direction + 4) % 8;
  }
  const [wide, high] = [right - left + 1, bottom - top + 1];
  return Math.min(wide, high) >= least && Math.max(wide, high) <= most ? corners : undefined;
}
