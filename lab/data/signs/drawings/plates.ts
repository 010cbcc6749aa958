import { circle, colours, type Point, polygon, rectangle, regular } from './svg.ts';

const { red, black, white } = colours;
const centre: Point = [50, 50];

/** A triangle that stands on its side, its corners rounded; `inset` moves every side inwards. */
function triangle(inset: number, fill: string): string {
  const corner = 4;
  const [top, base, half] = [8 + 2 * inset, 88 - inset, 46 - Math.sqrt(3) * inset];
  return polygon(
    [
      [50, top],
      [50 + half, base],
      [50 - half, base],
    ],
    fill,
    corner * (inset === 0 ? 1 : 0.4),
  );
}

/** A warning: a triangle with a red border. */
export function warning(face: string, pictogram: string): string {
  return triangle(0, red) + triangle(6.5, face) + pictogram;
}

/** A warning of the Americas, Japan, Australia, Ireland: a square on its corner with a thin black line. */
export function diamond(face: string, pictogram: string): string {
  const layers: Point[][] = [regular(4, 46), regular(4, 44), regular(4, 40.5)];
  const fills = [face, black, face];
  return layers.map((points, i) => polygon(points, fills[i]!, i === 0 ? 2.5 : 2)).join('') + pictogram;
}

/** A prohibition: a disc with a ring round it. */
export function prohibition(face: string, pictogram: string, ring = 10): string {
  return circle(centre, 47, red) + circle(centre, 47 - ring, face) + pictogram;
}

/** An instruction: a plain disc, with a white rim when asked for. */
export function instruction(face: string, pictogram: string, rim = 0): string {
  return circle(centre, 47, rim > 0 ? white : face) + circle(centre, 47 - rim, face) + pictogram;
}

/** A rectangle with rounded corners and, when asked for, a white line inside its edge. */
export function panel(face: string, pictogram: string, { width = 88, height = 88, rim = 0 } = {}): string {
  const outer = rectangle(centre, width, height, face, 7);
  if (rim === 0) return outer + pictogram;
  const line = rectangle(centre, width - 4, height - 4, white, 6);
  return outer + line + rectangle(centre, width - 4 - 2 * rim, height - 4 - 2 * rim, face, 4) + pictogram;
}

/** An octagon with a white line along its edge. */
export function octagon(face: string, pictogram: string, rim = 3): string {
  const layers = [regular(8, 50, 22.5), regular(8, 48, 22.5), regular(8, 48 - rim, 22.5)];
  const fills = [face, white, face];
  return layers.map((points, i) => polygon(points, fills[i]!)).join('') + pictogram;
}

/** A triangle on its point with a red border. */
export function givingWay(face: string, pictogram: string, border = 8): string {
  const upright = triangle(0, red) + triangle(border, face);
  return `<g transform="translate(0 96) scale(1 -1)">${upright}</g>${pictogram}`;
}

/** A yellow square on its corner with a white border and, when asked for, a thin black line between. */
export function priority(face: string, border: number, line: number): string {
  const layers = [regular(4, 47), regular(4, 47 - border), regular(4, 47 - border - line)];
  const fills = [white, line > 0 ? black : face, face];
  return polygon(regular(4, 48), black, 1.2) + layers.map((p, i) => polygon(p, fills[i]!, 1)).join('');
}
