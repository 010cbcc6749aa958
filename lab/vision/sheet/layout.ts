import { HalftoneError } from '@halftone/sdk/errors';
import { arrange } from './arrange.ts';
import { DICTIONARY, DICTIONARY_SIZE } from './dictionary.ts';
import type { Cell, CellImage, Marker, Patch, Rectangle, Sheet } from './geometry.ts';
import { papers, type SheetSettings, type SheetSettingsInput, sheetSettingsSchema } from './settings.ts';

/** White between a fiducial and whatever is printed next to it, in mm. */
const quiet = 4;
/** White below each row of images that a caption takes, in mm. */
export const CAPTION_HEIGHT = 2.2;
/**
 * Marks of a sheet, which are a block of the dictionary: four corners, one amid the short edges each, two along the
 * long ones each.
 */
export const MARKERS_PER_SHEET = 10;
const blocks = DICTIONARY_SIZE / MARKERS_PER_SHEET;

/**
 * Sheets for images: a frame of fiducials, a legend and a QR code in the upper band, grey and colour patches in the
 * lower one, the images on a grid between. The same images, run and settings always give the same sheets.
 *
 * @param run short name of the run, at most 64 characters.
 * @throws `bad-argument` where no image is given, one doesn't fit, or there are more than 100 sheets.
 */
export function layOut(images: readonly CellImage[], run: string, input: SheetSettingsInput = {}): Sheet[] {
  if (images.length === 0) throw new HalftoneError('bad-argument', 'no images to lay on sheets');
  const settings = parseSettings(input);
  const paper = paperOf(settings);
  const frame = frameOf(paper, settings);
  const slots = slotsOf(frame.area, settings);
  const pages = arrange(images, slots.columns, slots.rows, settings.arrangement);
  if (pages.length > blocks) {
    throw new HalftoneError(
      'bad-argument',
      `${pages.length} sheets: the fiducials of a run tell ${blocks} apart; print smaller images or fewer`,
    );
  }
  const firstBlock = blockOf(run);
  return pages.map((page, index) => ({
    version: 1,
    run,
    sheet: index + 1,
    sheets: pages.length,
    paper,
    dictionary: DICTIONARY,
    markers: numbered(frame.markers, ((firstBlock + index) % blocks) * MARKERS_PER_SHEET),
    patches: patchesOf(frame.patches),
    qr: { ...frame.qr, text: qrText(run, index + 1) },
    cells: page.map(({ image, column, row }) => cellOf(image, slots.at(column, row))),
  }));
}

/** What a sheet's QR code says: a run's name and a sheet's number. */
export function qrText(run: string, sheet: number): string {
  return `halftone:${run}#${sheet}`;
}

/** The band above the images, between the fiducials, where a legend may stand. */
export function legendArea(sheet: Sheet): Rectangle {
  const [first, second] = sheet.markers;
  const mid = sheet.markers[4] ?? second!;
  const x = first!.x + first!.size + quiet;
  return { x, y: first!.y, width: mid.x - quiet - x, height: first!.size };
}

function parseSettings(input: SheetSettingsInput): SheetSettings {
  const parsed = sheetSettingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new HalftoneError('bad-argument', `sheet: ${[...path, message].join(': ')}`);
}

function paperOf({ paper, orientation }: SheetSettings): Sheet['paper'] {
  const { width, height } = papers[paper];
  const name = paper;
  return orientation === 'portrait' ? { name, width, height } : { name, width: height, height: width };
}

interface Frame {
  readonly markers: readonly Omit<Marker, 'id'>[];
  readonly qr: { x: number; y: number; size: number };
  /** Where patches go: two halves of the lower band. */
  readonly patches: readonly [Rectangle, Rectangle];
  /** Where images go. */
  readonly area: Rectangle;
}

function frameOf(paper: Sheet['paper'], { margin, markerSize: size }: SheetSettings): Frame {
  const { width, height } = paper;
  const [left, top] = [margin, margin];
  const [right, bottom] = [width - margin - size, height - margin - size];
  const at = (x: number, y: number) => ({ x: tenths(x), y: tenths(y), size });
  const along = (from: number, to: number, share: number) => from + (to - from) * share;
  const upright = height >= width;
  const [across, down] = upright ? [[1 / 2], [1 / 3, 2 / 3]] : [[1 / 3, 2 / 3], [1 / 2]];
  const edges = [
    ...across.flatMap((share) => [top, bottom].map((y) => at(along(left, right, share), y))),
    ...down.flatMap((share) => [left, right].map((x) => at(x, along(top, bottom, share)))),
  ];
  const markers = [at(left, top), at(right, top), at(right, bottom), at(left, bottom), ...edges];
  const inner = { left: left + size + quiet, right: right - quiet };
  const split = along(left, right, across[0]!);
  const second = split + size + quiet;
  const secondEnd = upright ? inner.right : along(left, right, across[1]!) - quiet;
  if (split - quiet - inner.left < 2 * size) {
    throw new HalftoneError(
      'bad-argument',
      `marks of ${size} mm leave no room on ${paper.name}; make them smaller`,
    );
  }
  const lower = { y: bottom, height: size };
  return {
    markers,
    qr: { x: tenths(secondEnd - size), y: top, size },
    patches: [
      { ...lower, x: inner.left, width: split - quiet - inner.left },
      { ...lower, x: second, width: secondEnd - second },
    ],
    area: {
      x: inner.left,
      y: top + size + quiet,
      width: inner.right - inner.left,
      height: bottom - top - size - 2 * quiet - CAPTION_HEIGHT,
    },
  };
}

/** Columns and rows of square slots of the images' longer side, spread evenly over the area. */
function slotsOf(area: Rectangle, settings: SheetSettings) {
  const { imageSize, gap } = settings;
  const countIn = (extent: number) => Math.floor((extent + gap + 1e-6) / (imageSize + gap));
  const most = { columns: countIn(area.width), rows: countIn(area.height) };
  const columns = settings.columns ?? most.columns;
  const rows = settings.rows ?? most.rows;
  if (Math.min(most.columns, most.rows) === 0 || columns > most.columns || rows > most.rows) {
    const room = `${Math.floor(area.width)} × ${Math.floor(area.height)} mm`;
    throw new HalftoneError(
      'bad-argument',
      `${columns || 1} × ${rows || 1} images of ${imageSize} mm and gaps of ${gap} mm don't fit the ${room} between ` +
        `the fiducials; make images or marks smaller`,
    );
  }
  const pitchOf = (extent: number, count: number) =>
    count === 1 ? 0 : Math.min((extent - imageSize) / (count - 1), imageSize + 4 * gap);
  const [pitchX, pitchY] = [pitchOf(area.width, columns), pitchOf(area.height, rows)];
  const x0 = area.x + (area.width - imageSize - pitchX * (columns - 1)) / 2;
  const y0 = area.y + (area.height - imageSize - pitchY * (rows - 1)) / 2;
  return {
    columns,
    rows,
    at: (column: number, row: number): Rectangle => ({
      x: x0 + column * pitchX,
      y: y0 + row * pitchY,
      width: imageSize,
      height: imageSize,
    }),
  };
}

/** An image as large as fits its slot, in the middle of it. */
function cellOf(image: CellImage, slot: Rectangle): Cell {
  const scale = slot.width / Math.max(image.width, image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  return {
    x: tenths(slot.x + (slot.width - width) / 2),
    y: tenths(slot.y + (slot.height - height) / 2),
    width,
    height,
    image,
  };
}

const greys = Array.from({ length: 12 }, (_, i) => Math.round((255 * i) / 11));
const colours: readonly (readonly [number, number, number])[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [0, 255, 255],
  [255, 0, 255],
  [255, 255, 0],
  [200, 150, 125],
  [90, 125, 170],
  [80, 110, 60],
  [230, 140, 40],
  [110, 60, 110],
];

function patchesOf([first, second]: Frame['patches']): Patch[] {
  const grey = greys.map(
    (level): Omit<Patch, keyof Rectangle> => ({
      kind: 'grey',
      rgb: [level, level, level],
    }),
  );
  const colour = colours.map(
    ([r, g, b]): Omit<Patch, keyof Rectangle> => ({ kind: 'colour', rgb: [r, g, b] }),
  );
  return [
    ...inTwoRows(grey, first),
    ...inTwoRows([...colour, { kind: 'paper', rgb: [255, 255, 255] }], second),
  ];
}

function inTwoRows(patches: readonly Omit<Patch, keyof Rectangle>[], area: Rectangle): Patch[] {
  const perRow = Math.ceil(patches.length / 2);
  const between = 1;
  const width = Math.floor(10 * Math.min((area.width + between) / perRow - between, area.height)) / 10;
  const height = Math.floor(10 * ((area.height - between) / 2)) / 10;
  return patches.map((patch, i) => ({
    x: tenths(area.x + (i % perRow) * (width + between)),
    y: tenths(area.y + Math.floor(i / perRow) * (height + between)),
    width,
    height,
    ...patch,
  }));
}

function numbered(markers: Frame['markers'], first: number): Marker[] {
  return markers.map((marker, i) => ({ id: first + i, ...marker }));
}

/** Where in the dictionary a run begins: runs begin at different places, so that sheets of two are rarely alike. */
function blockOf(run: string): number {
  let hash = 0x811c9dc5;
  for (const character of run) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return hash % blocks;
}

/** Places are whole tenths of a millimetre: what is written down is what is drawn. */
function tenths(length: number): number {
  return Math.round(length * 10) / 10;
}
