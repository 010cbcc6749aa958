import type { CaptureGrade, Finding, Look, Overlay, Point } from '../../lab/vision/live.ts';
import { limits } from '../../lab/vision/quality/grade.ts';
import type { Wait } from './shutter.ts';

/** The one line that says what to change. */
export interface Advice {
  readonly text: string;
  /** `fix`: something is wrong; `wait`: nothing to do but hold still; `done`: this view is taken. */
  readonly tone: 'fix' | 'wait' | 'done';
}

export interface Scene {
  readonly look: Look;
  /** Frame size in pixels. */
  readonly width: number;
  readonly height: number;
  /** What the shutter waits for; undefined where it takes the shot or is not its own master. */
  readonly wait: Wait | undefined;
  /** Shots are taken by themselves. */
  readonly auto: boolean;
  /** The sheet moves faster than a hand that holds still. */
  readonly moving: boolean;
  /** Views that the sheet has, and that are wanted. */
  readonly views: number;
  readonly wanted: number;
  /** Numbers of the sheets that want more views. */
  readonly missing: readonly number[];
  /** The one sheet that is to be photographed again. */
  readonly retake?: number | undefined;
  /** The view on the screen is mirrored: left is right. */
  readonly mirrored?: boolean;
}

/** What to change, the worst first; where nothing is wrong, what comes next. */
export function advise(scene: Scene): Advice {
  const { finding, grade, overlay } = scene.look;
  if (!finding.found) return { text: findingAdvice(finding, scene), tone: 'fix' };
  const sheet = finding.sheet.sheet;
  if (scene.retake !== undefined && sheet !== scene.retake) {
    return { text: `This is sheet ${sheet}: show sheet ${scene.retake}`, tone: 'fix' };
  }
  if (scene.wait === 'enough') return { text: enoughAdvice(sheet, scene.missing), tone: 'done' };
  if (grade !== null && overlay !== null) {
    const fix = gradeAdvice(grade, overlay, scene);
    if (fix !== undefined) return { text: fix, tone: 'fix' };
  }
  if (!scene.auto) return { text: 'Good: press Space', tone: 'wait' };
  if (scene.wait === 'pose') {
    const more = `View ${scene.views} of ${scene.wanted} is taken`;
    return { text: `${more}: tilt or move the sheet for the next`, tone: 'done' };
  }
  return { text: 'Hold still', tone: 'wait' };
}

function findingAdvice(finding: Extract<Finding, { found: false }>, scene: Scene): string {
  const { reason, message, outline } = finding;
  switch (reason) {
    case 'none':
      return scene.missing.length > 0
        ? `Show ${sheetsInWords(scene.missing)} to the camera`
        : 'All sheets have their views';
    case 'half': {
      const side = outline && sideOutside(outline, scene);
      return side === undefined
        ? 'Further away: all of the sheet must be seen'
        : `The sheet is cut off ${side}`;
    }
    case 'two':
      return 'One sheet at a time: two are in the picture';
    case 'foreign':
      return 'This sheet is of another run';
    case 'mirrored':
      return "The camera's own software mirrors the picture: turn that off there";
    default:
      return sentence(message);
  }
}

function enoughAdvice(sheet: number, missing: readonly number[]): string {
  const next = missing.filter((each) => each !== sheet);
  if (next.length === 0) return 'All sheets have their views: go on to Measure';
  return `Sheet ${sheet} has its views: show ${sheetsInWords(next)}`;
}

function gradeAdvice(grade: CaptureGrade, overlay: Overlay, scene: Scene): string | undefined {
  if (grade.dpi < limits.dpi) return `Closer: ${grade.dpi.toFixed(0)} dpi, at least ${limits.dpi} are needed`;
  if (grade.angle > limits.angle) return `Straighter: it is seen at ${grade.angle.toFixed(0)}°`;
  if (grade.clipped > limits.clipped) return 'Less light: the paper is over-exposed';
  if (grade.paperLevel !== null && grade.paperLevel < limits.darkLevel) return 'More light: it is too dark';
  const glaring = grade.crops
    .filter(({ glare }) => glare > limits.glare)
    .map(({ index }) => overlay.cells[index]!);
  if (glaring.length > 0) return `Less glare ${placeOf(glaring.flat(), scene)}`;
  if (grade.faults.length === 0 && grade.crops.every(({ faults }) => faults.length === 0)) return undefined;
  // What is left is blur.
  if (scene.moving) return 'Hold still: it moves too fast';
  return 'Out of focus: wait, or hold it further away';
}

/** Where in the picture points lie, as the person before the screen sees it. */
function placeOf(points: readonly Point[], { width, height, mirrored }: Scene): string {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const across = (mean(points.map(({ x }) => x)) / width - 0.5) * (mirrored ? -1 : 1);
  const down = mean(points.map(({ y }) => y)) / height - 0.5;
  if (Math.max(Math.abs(across), Math.abs(down)) < 0.08) return 'in the middle';
  if (Math.abs(across) >= Math.abs(down)) return across > 0 ? 'on the right' : 'on the left';
  return down > 0 ? 'at the bottom' : 'at the top';
}

/** The side of the picture that a sheet reaches beyond; undefined where it is more than one. */
function sideOutside(outline: readonly Point[], { width, height, mirrored }: Scene): string | undefined {
  const [left, right] = [
    Math.min(...outline.map(({ x }) => x)) < 0,
    Math.max(...outline.map(({ x }) => x)) > width,
  ];
  const [top, bottom] = [
    Math.min(...outline.map(({ y }) => y)) < 0,
    Math.max(...outline.map(({ y }) => y)) > height,
  ];
  const sides = [
    (mirrored ? right : left) ? 'on the left' : '',
    (mirrored ? left : right) ? 'on the right' : '',
    top ? 'at the top' : '',
    bottom ? 'at the bottom' : '',
  ].filter(Boolean);
  return sides.length === 1 ? sides[0] : undefined;
}

/** `sheet 2`, `sheet 2 or 5`, `sheet 2, 3 or 5`, `any of 12 sheets`. */
function sheetsInWords(sheets: readonly number[]): string {
  if (sheets.length > 4) return `any of ${sheets.length} sheets`;
  const last = sheets.at(-1)!;
  const rest = sheets.slice(0, -1);
  return `sheet ${rest.length === 0 ? '' : `${rest.join(', ')} or `}${last}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
