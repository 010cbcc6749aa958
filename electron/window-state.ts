import { z } from 'zod';

/** A rectangle on the desktop, in the system's pixels. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is kept of a window from one start to the next. */
export interface WindowState {
  readonly bounds: Bounds;
  readonly maximized: boolean;
}

const schema = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) }),
  maximized: z.boolean(),
});

/** The interface works from this size up. */
export const SMALLEST = { width: 1024, height: 700 } as const;
const USUAL = { width: 1440, height: 900 } as const;

/** How much of a window has to lie on a screen for a person to get hold of it. */
const GRIP = 64;

/** The state in a file's text; undefined for a damaged one: the window then opens as at first. */
export function parseState(text: string): WindowState | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Where to open the window: where it was, if that is still on one of the screens (`workAreas`, the first is the
 * main one), no smaller than the interface works at and no larger than the screen; else centred on the main one.
 */
export function openingBounds(kept: WindowState | undefined, workAreas: readonly Bounds[]): Bounds {
  const home = kept && workAreas.find((area) => overlaps(kept.bounds, area));
  if (kept && home) return { ...kept.bounds, ...sizeWithin(kept.bounds, home) };
  const main = workAreas[0] ?? { x: 0, y: 0, ...USUAL };
  const size = sizeWithin(USUAL, main);
  return {
    x: main.x + Math.floor((main.width - size.width) / 2),
    y: main.y + Math.floor((main.height - size.height) / 2),
    ...size,
  };
}

function sizeWithin(wanted: { width: number; height: number }, area: Bounds) {
  return {
    width: Math.min(Math.max(wanted.width, SMALLEST.width), area.width),
    height: Math.min(Math.max(wanted.height, SMALLEST.height), area.height),
  };
}

/** The title bar is what a window is held by: its top edge has to be on the screen. */
function overlaps(window: Bounds, area: Bounds): boolean {
  const across = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  return across >= GRIP && window.y >= area.y && window.y <= area.y + area.height - GRIP;
}
