import { word } from './glyphs.ts';
import {
  arrow,
  bentArrow,
  children,
  crossing,
  motorway,
  overtaking,
  pedestrian,
  roundabout,
  signals,
  skidding,
  worker,
} from './pictograms.ts';
import { diamond, givingWay, instruction, octagon, panel, priority, prohibition, warning } from './plates.ts';
import { circle, colours, place, polygon, rectangle, stroke, turn } from './svg.ts';

/** One look of a sign: as one country or another draws it. */
export interface SignVariant {
  /** A word, unique within its class. */
  readonly name: string;
  /** SVG on 100 × 100 units, transparent around the plate. */
  readonly drawing: string;
}

/** A road sign, whatever it looks like in one country or another. */
export interface SignClass {
  /** As in file names and on the command line. */
  readonly id: string;
  readonly name: string;
  readonly variants: readonly SignVariant[];
}

const { red, blue, green, yellow, lime, orange, black, white } = colours;

function signClass(id: string, name: string, drawings: Readonly<Record<string, string>>): SignClass {
  return { id, name, variants: Object.entries(drawings).map(([key, drawing]) => ({ name: key, drawing })) };
}

function stop(text: string, stretch: number): string {
  return octagon(red, word(text, { height: 31, stretch, ink: white, weight: 0.17 }));
}

function limit(text: string): SignClass {
  const digits = (height: number, weight: number) =>
    word(text, { height, weight, stretch: 1.12, ink: black });
  return signClass(`limit-${text}`, `Speed limit ${text}`, {
    white: prohibition(white, digits(42, 0.15)),
    yellow: prohibition(yellow, digits(42, 0.15)),
    bold: prohibition(white, digits(44, 0.19), 8),
  });
}

/** A warning in the three looks that most of the world uses. `pictogram(face)` is drawn on the whole canvas. */
function warningSign(
  id: string,
  name: string,
  pictogram: (face: string) => string,
  american: string,
): SignClass {
  const inTriangle = (face: string) => place(pictogram(face), [50, 60.5], 0.5);
  return signClass(id, name, {
    white: warning(white, inTriangle(white)),
    yellow: warning(yellow, inTriangle(yellow)),
    diamond: diamond(american, place(pictogram(american), [50, 50], 0.58)),
  });
}

/** A blue disc with an arrow, plain, with a white rim, and with a straight arrow to the side. */
function turnAhead(side: 1 | -1): Readonly<Record<string, string>> {
  const bent = place(bentArrow(white), [50 - 4 * side, 48], 0.78 * side);
  return {
    plain: instruction(blue, bent),
    rim: instruction(blue, bent, 3),
    straight: instruction(blue, place(arrow(white), [50, 50], 0.74 * side, 0.8)),
  };
}

const slash = stroke('M21 21L79 79', red, 9, 'butt');

function noParking(letter: string): string {
  return prohibition(white, word(letter, { height: 48, stretch: 1.25, ink: black }) + slash, 8);
}

function crossingTriangle(face: string): string {
  return (
    polygon(
      [
        [50, 16],
        [84, 78],
        [16, 78],
      ],
      white,
      2,
    ) + place(crossing(face), [50, 54.5], 0.48)
  );
}

function parking(face: string): string {
  return word('P', { height: 58, stretch: 1.15, weight: 0.19, ink: face });
}

const oneWay = { width: 96, height: 44 };

/** The signs that are drawn; a label is a place in this list. */
export const signClasses: readonly SignClass[] = [
  signClass('stop', 'Stop', { stop: stop('STOP', 0.93), alto: stop('ALTO', 0.93), pare: stop('PARE', 0.93) }),
  signClass('give-way', 'Give way', {
    white: givingWay(white, ''),
    yellow: givingWay(yellow, ''),
    yield: givingWay(white, word('YIELD', { height: 11, middle: 32, ink: red, weight: 0.18 }), 12),
  }),
  signClass('no-entry', 'No entry', {
    plain: instruction(red, rectangle([50, 50], 70, 17, white)),
    rim: instruction(red, rectangle([50, 50], 66, 18, white, 3), 3),
    square: panel(white, circle([50, 50], 41, red) + rectangle([50, 50], 62, 13, white)),
  }),
  signClass('priority-road', 'Priority road', {
    plain: priority(yellow, 12, 0),
    lined: priority(yellow, 10, 2.5),
    amber: priority('#f5a800', 14, 0),
  }),
  limit('30'),
  limit('50'),
  limit('80'),
  signClass('no-overtaking', 'No overtaking', {
    white: prohibition(white, overtaking(white), 8),
    yellow: prohibition(yellow, overtaking(yellow), 8),
  }),
  signClass('no-parking', 'No parking', {
    blue: prohibition(blue, slash, 9),
    'letter-p': noParking('P'),
    'letter-e': noParking('E'),
  }),
  signClass('roundabout', 'Roundabout', {
    right: instruction(blue, place(roundabout(white), [50, 50], 0.72)),
    left: instruction(blue, place(roundabout(white), [50, 50], -0.72), 3),
    diamond: diamond(yellow, place(roundabout(black), [50, 50], 0.6)),
  }),
  signClass('turn-left', 'Turn left', turnAhead(-1)),
  signClass('turn-right', 'Turn right', turnAhead(1)),
  signClass('one-way', 'One way', {
    right: panel(blue, place(arrow(white), [50, 50], 0.86, 0.6), { ...oneWay, rim: 2.5 }),
    left: panel(blue, place(arrow(white), [50, 50], -0.86, 0.6), { ...oneWay, rim: 2.5 }),
    black: panel(black, place(arrow(white), [50, 50], 0.86, 0.6), oneWay),
    up: panel(blue, turn(place(arrow(white), [50, 50], 0.8), -90)),
  }),
  signClass('crossing', 'Pedestrian crossing', {
    square: panel(blue, crossingTriangle(black)),
    warning: warning(white, place(crossing(black), [50, 60.5], 0.5)),
    diamond: diamond(yellow, place(pedestrian(black), [50, 50], 0.6)),
    lime: diamond(lime, place(pedestrian(black), [50, 50], 0.6)),
  }),
  warningSign('children', 'Children', () => children(black), lime),
  warningSign('road-works', 'Road works', () => worker(black), orange),
  warningSign('slippery', 'Slippery road', (face) => skidding(black, face), yellow),
  warningSign('signals', 'Traffic signals', () => signals(), yellow),
  signClass('parking', 'Parking', {
    plain: panel(blue, parking(white)),
    rim: panel(blue, parking(white), { rim: 3 }),
    disc: instruction(blue, parking(white), 3),
  }),
  signClass('motorway', 'Motorway', {
    blue: panel(blue, place(motorway(white, blue), [50, 50], 0.64), { rim: 2.5 }),
    green: panel(green, place(motorway(white, green), [50, 50], 0.64), { rim: 2.5 }),
    plain: panel(blue, place(motorway(white, blue), [50, 50], 0.68)),
  }),
];
