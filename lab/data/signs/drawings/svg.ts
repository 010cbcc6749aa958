/**
 * Pieces of SVG on a canvas of 100 × 100 units, y downwards. Every drawing of the signs is a string of these, so
 * that no font, file or system setting has a say in what a sign looks like.
 */

/** Colours of road signs, sRGB. */
export const colours = {
  red: '#c1121f',
  blue: '#0b4ea2',
  green: '#00703c',
  yellow: '#f8c400',
  lime: '#c8e000',
  orange: '#f28500',
  black: '#141414',
  white: '#f6f6f4',
} as const;

export type Point = readonly [x: number, y: number];

const number = (value: number): string => String(Math.round(value * 100) / 100);

export function circle([x, y]: Point, radius: number, fill: string): string {
  return `<circle cx="${number(x)}" cy="${number(y)}" r="${number(radius)}" fill="${fill}"/>`;
}

/** A filled polygon whose corners are rounded by `corner` units: its outline moves outwards by as much. */
export function polygon(points: readonly Point[], fill: string, corner = 0): string {
  const list = points.map(([x, y]) => `${number(x)},${number(y)}`).join(' ');
  const round = corner === 0 ? '' : ` stroke="${fill}" stroke-width="${corner * 2}" stroke-linejoin="round"`;
  return `<polygon points="${list}" fill="${fill}"${round}/>`;
}

/** A rectangle about a centre. */
export function rectangle([x, y]: Point, width: number, height: number, fill: string, corner = 0): string {
  const [left, top] = [number(x - width / 2), number(y - height / 2)];
  return `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="${corner}" fill="${fill}"/>`;
}

/** A line along a path (SVG path data), with round joins. */
export function stroke(path: string, ink: string, width: number, cap: 'butt' | 'round' = 'round'): string {
  const style = `stroke-width="${number(width)}" stroke-linejoin="round" stroke-linecap="${cap}"`;
  return `<path d="${path}" fill="none" stroke="${ink}" ${style}/>`;
}

/** A filled path (SVG path data). */
export function shape(path: string, fill: string): string {
  return `<path d="${path}" fill="${fill}"/>`;
}

/** Moves a drawing's centre (50, 50) to a point and scales it about it; negative `scaleX` mirrors. */
export function place(drawing: string, [x, y]: Point, scaleX: number, scaleY = Math.abs(scaleX)): string {
  const move = `translate(${number(x)} ${number(y)})`;
  return `<g transform="${move} scale(${scaleX} ${scaleY}) translate(-50 -50)">${drawing}</g>`;
}

/** Turns a drawing about its centre, clockwise. */
export function turn(drawing: string, degrees: number): string {
  return `<g transform="rotate(${degrees} 50 50)">${drawing}</g>`;
}

/** A regular polygon's corners about the centre; `degrees` turns it clockwise from a corner at the top. */
export function regular(corners: number, radius: number, degrees = 0): Point[] {
  return Array.from({ length: corners }, (_, i) => {
    const angle = ((i * 360) / corners + degrees) * (Math.PI / 180);
    return [50 + radius * Math.sin(angle), 50 - radius * Math.cos(angle)] as const;
  });
}

/** A whole SVG file of `pixels` × `pixels`, transparent where nothing is drawn: a rim of 4 units is clear. */
export function svgFile(drawing: string, pixels: number): string {
  const size = `width="${pixels}" height="${pixels}" viewBox="-4 -4 108 108"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${drawing}</svg>`;
}
