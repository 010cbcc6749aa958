import type { Overlay, Point } from '../../lab/vision/live.ts';
import type { CellState } from './coverage.ts';

/** Where a frame lies in the box that it is shown in: whole, in the middle. Lengths in CSS pixels. */
export interface Placement {
  readonly left: number;
  readonly top: number;
  /** CSS pixels a pixel of the frame. */
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest that a frame can be shown in a box. */
export function placed(frame: Size, box: Size): Placement {
  const scale = Math.min(box.width / frame.width, box.height / frame.height);
  return {
    left: (box.width - frame.width * scale) / 2,
    top: (box.height - frame.height * scale) / 2,
    scale,
  };
}

/** Colours as the style sheet has them. */
export interface OverlayColours {
  readonly good: string;
  readonly bad: string;
  readonly accent: string;
  /** Stands behind lines, so that they are seen on any picture. */
  readonly ground: string;
}

export interface OverlayScene {
  readonly overlay: Overlay | null;
  /** Where a sheet was seen that can't be used. */
  readonly refused: readonly Point[] | undefined;
  /** What each cell of the sheet has so far. */
  readonly cells: readonly CellState[];
  /** The outline's colour: the shot is good, or something is wrong. */
  readonly isGood: boolean;
  readonly flash: boolean;
}

const glyphs: Readonly<Record<CellState, string>> = { good: '✓', poor: '!', missing: '' };

/** Draws what was found over the live view. The canvas's units are CSS pixels. */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  scene: OverlayScene,
  { left, top, scale }: Placement,
  colours: OverlayColours,
): void {
  const at = ({ x, y }: Point): Point => ({ x: left + x * scale, y: top + y * scale });
  const { overlay, refused, cells, isGood, flash } = scene;
  if (overlay === null) {
    if (refused !== undefined)
      strokePolygon(context, refused.map(at), colours.bad, colours.ground, 2, [8, 6]);
    return;
  }
  overlay.cells.forEach((corners, i) => {
    drawCell(context, corners.map(at), cells[i] ?? 'missing', colours);
  });
  const outline = overlay.outline.map(at);
  const colour = isGood ? colours.good : colours.bad;
  strokePolygon(context, outline, flash ? colours.accent : colour, colours.ground, flash ? 8 : 2);
}

function drawCell(
  context: CanvasRenderingContext2D,
  corners: readonly Point[],
  state: CellState,
  colours: OverlayColours,
): void {
  path(context, corners);
  if (state !== 'missing') {
    context.globalAlpha = 0.4;
    context.fillStyle = state === 'good' ? colours.good : colours.bad;
    context.fill();
    context.globalAlpha = 1;
  }
  context.lineWidth = 1;
  context.strokeStyle = colours.ground;
  context.stroke();
  const width = Math.hypot(corners[1]!.x - corners[0]!.x, corners[1]!.y - corners[0]!.y);
  if (glyphs[state] === '' || width < 14) return;
  const middle = {
    x: corners.reduce((sum, { x }) => sum + x, 0) / corners.length,
    y: corners.reduce((sum, { y }) => sum + y, 0) / corners.length,
  };
  context.font = `600 ${Math.min(18, Math.round(width / 2))}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 3;
  context.strokeText(glyphs[state], middle.x, middle.y);
  context.fillStyle = state === 'good' ? colours.good : colours.bad;
  context.fillText(glyphs[state], middle.x, middle.y);
}

function strokePolygon(
  context: CanvasRenderingContext2D,
  corners: readonly Point[],
  colour: string,
  ground: string,
  width: number,
  dash: number[] = [],
): void {
  path(context, corners);
  context.lineJoin = 'round';
  context.strokeStyle = ground;
  context.lineWidth = width + 2;
  context.stroke();
  context.setLineDash(dash);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
  context.setLineDash([]);
}

function path(context: CanvasRenderingContext2D, corners: readonly Point[]): void {
  context.beginPath();
  corners.forEach(({ x, y }, i) => {
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.closePath();
}
