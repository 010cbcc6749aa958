import { circle, colours, type Point, place, polygon, rectangle, shape, stroke, turn } from './svg.ts';

/** What signs show, each on the whole canvas about its centre (50, 50), to be placed on a plate. */

/** Somebody walking to the right. */
export function pedestrian(ink: string): string {
  return [
    circle([53, 17], 9, ink),
    stroke('M52 33L48 55', ink, 15),
    stroke('M50 54L60 70 66 90', ink, 9),
    stroke('M47 54L42 72 29 89', ink, 9),
    stroke('M54 33L66 46 76 52', ink, 6.5),
    stroke('M49 33L36 44 32 56', ink, 6.5),
  ].join('');
}

/** Two children who run to the left, the second smaller. */
export function children(ink: string): string {
  const child = [
    circle([46, 16], 10, ink),
    stroke('M48 34L53 58', ink, 16),
    stroke('M52 58L38 70 40 90', ink, 9),
    stroke('M55 58L66 74 80 80', ink, 9),
    stroke('M46 34L32 44 22 40', ink, 7),
    stroke('M52 34L64 44 72 40', ink, 7),
  ].join('');
  return place(child, [30, 46], 0.92) + place(child, [78, 58], 0.7);
}

/** Somebody with a shovel before a heap. */
export function worker(ink: string): string {
  return [
    circle([62, 16], 9, ink),
    stroke('M58 32L49 54', ink, 15),
    stroke('M50 54L62 68 62 90', ink, 9),
    stroke('M48 54L42 70 44 90', ink, 9),
    stroke('M56 32L40 44 34 54', ink, 7),
    stroke('M64 38L27 64', ink, 4.5),
    polygon(
      [
        [8, 91],
        [20, 68],
        [34, 91],
      ],
      ink,
      2,
    ),
  ].join('');
}

/** A car from behind. */
export function car(ink: string, glass: string): string {
  return [
    shape('M24 52L30 32Q32 26 38 26H62Q68 26 70 32L76 52Z', ink),
    shape('M32 50L36 36Q37 33 40 33H60Q63 33 64 36L68 50Z', glass),
    rectangle([50, 60], 64, 24, ink, 6),
    rectangle([28, 74], 13, 15, ink, 3),
    rectangle([72, 74], 13, 15, ink, 3),
    circle([28, 60], 4, glass),
    circle([72, 60], 4, glass),
  ].join('');
}

/** Two cars side by side, the left one red. */
export function overtaking(glass: string): string {
  return (
    place(car(colours.red, glass), [32, 50], 0.5, 0.6) + place(car(colours.black, glass), [68, 50], 0.5, 0.6)
  );
}

/** A car on the tilt above two wavy tracks. */
export function skidding(ink: string, glass: string): string {
  const tracks = 'M38 56C22 66 52 76 34 96M68 56C52 66 82 76 64 96';
  return place(turn(car(ink, glass), -14), [51, 30], 0.78) + stroke(tracks, ink, 7, 'butt');
}

/** Three lights one above the other. */
export function signals(): string {
  const { black, red, yellow } = colours;
  const lights: [number, string][] = [
    [20, red],
    [50, yellow],
    [80, '#00a550'],
  ];
  return (
    rectangle([50, 50], 38, 94, black, 8) + lights.map(([y, fill]) => circle([50, y], 12, fill)).join('')
  );
}

/** Stripes of a crossing under the feet of somebody. */
export function crossing(ink: string): string {
  const stripes = [14, 32, 50, 68, 86].map((x) => rectangle([x, 93], 10, 8, ink));
  return place(pedestrian(ink), [50, 42], 0.9) + stripes.join('');
}

/** A straight arrow to the right. */
export function arrow(ink: string): string {
  return (
    rectangle([38, 50], 62, 15, ink) +
    polygon(
      [
        [62, 25],
        [96, 50],
        [62, 75],
      ],
      ink,
      1,
    )
  );
}

/** An arrow that comes from below and turns to the right. */
export function bentArrow(ink: string): string {
  return (
    stroke('M33 88V58Q33 43 48 43H66', ink, 14, 'butt') +
    polygon(
      [
        [62, 20],
        [90, 43],
        [62, 66],
      ],
      ink,
      1,
    )
  );
}

/** Three arrows after each other on a circle, anticlockwise. */
export function roundabout(ink: string): string {
  return [0, 120, 240].map((degrees) => turn(arcArrow(ink), degrees)).join('');
}

/** A third of a circle, anticlockwise from the right over the top, with its head. */
function arcArrow(ink: string): string {
  const radius = 33;
  const at = (degrees: number, distance: number): Point => {
    const angle = (degrees * Math.PI) / 180;
    return [50 + distance * Math.cos(angle), 50 - distance * Math.sin(angle)];
  };
  const [from, to] = [at(10, radius), at(74, radius)];
  const line = `M${from.join(' ')}A${radius} ${radius} 0 0 0 ${to.join(' ')}`;
  return (
    stroke(line, ink, 13, 'butt') + polygon([at(70, radius - 16), at(112, radius), at(70, radius + 16)], ink)
  );
}

/** Two carriageways that run to the horizon below a bridge. */
export function motorway(ink: string, face: string): string {
  const lane = (side: number): string =>
    polygon(
      (
        [
          [4, 96],
          [38, 96],
          [9, 8],
          [3, 8],
        ] as Point[]
      ).map(([x, y]) => [50 + side * x, y] as const),
      ink,
    );
  const bridge = [
    rectangle([50, 40], 104, 17, face),
    rectangle([50, 40], 96, 9, ink),
    polygon(
      [
        [2, 36],
        [14, 36],
        [14, 58],
        [2, 58],
      ],
      ink,
    ),
    polygon(
      [
        [98, 36],
        [86, 36],
        [86, 58],
        [98, 58],
      ],
      ink,
    ),
  ];
  return lane(-1) + lane(1) + bridge.join('');
}
