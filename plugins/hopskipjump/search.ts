import { distances, type ImageAttack, type ImageTask, roundToLevels } from '@halftone/sdk';
import { type Geometry, geometryOf } from './geometry.ts';
import { type Question, slopeAt } from './slope.ts';

export interface Settings {
  readonly norm: 'l2' | 'linf';
  readonly steps: number;
  readonly initialEvals: number;
  readonly maxEvals: number;
  readonly gamma: number;
  readonly initSize: number;
  readonly discretize: boolean;
}

/** The attack on one image; the image itself where it succeeds already or no start is found. */
export function* attackImage(task: ImageTask, settings: Settings): ImageAttack<Int32Array> {
  const { origin } = task;
  if (yield* succeeds(task, origin)) return origin;
  const start = yield* findStart(task, settings.initSize);
  if (start === undefined) return origin;
  const geometry = geometryOf[settings.norm];
  const nearest = yield* walk(task, settings, geometry, start);
  return settings.discretize ? yield* settle(task, nearest) : nearest;
}

/** Whether the model is where the criterion wants it. */
export function* succeeds({ wanted, targeted }: ImageTask, image: Float32Array): Question<boolean> {
  const [label] = yield image;
  return (label === wanted) === targeted;
}

/** How near to the boundary the start is brought, as a share of the way. */
const START_TOLERANCE = 1e-3;

/** Uniform noise that succeeds, brought towards the image as far as it still does. Undefined for none. */
function* findStart(task: ImageTask, tries: number): Question<Float32Array | undefined> {
  const { origin, random } = task;
  for (let count = 0; count < tries; count++) {
    const noise = origin.map(() => random.uniform());
    if (!(yield* succeeds(task, noise))) continue;
    return yield* approach(task, geometryOf.l2, noise, START_TOLERANCE);
  }
  return undefined;
}

/** Binary search between the image before the attack and one that succeeds: the nearest point found that succeeds. */
function* approach(
  task: ImageTask,
  geometry: Geometry,
  image: Float32Array,
  tolerance: number,
): Question<Float32Array> {
  let high = geometry.farthest(image, task.origin);
  let low = 0;
  let nearest = image;
  while (high - low > tolerance) {
    const middle = (low + high) / 2;
    // Halves of a tolerance below what float64 can tell apart would go on for ever.
    if (middle === low || middle === high) break;
    const point = geometry.between(image, task.origin, middle);
    if (yield* succeeds(task, point)) {
      high = middle;
      nearest = point;
    } else low = middle;
  }
  return nearest;
}

/** The iterations: the nearest point of the boundary that any of them reached. */
function* walk(
  task: ImageTask,
  settings: Settings,
  geometry: Geometry,
  start: Float32Array,
): Question<Float32Array> {
  const { origin } = task;
  const { gamma, steps } = settings;
  const values = origin.length;
  const distance = (image: Float32Array) => distances(geometry.norm, image, origin, 1)[0]!;
  const project = (image: Float32Array) =>
    approach(task, geometry, image, geometry.tolerance(gamma, values, geometry.farthest(image, origin)));
  let before = distance(start);
  let current = yield* project(start);
  let nearest = current;
  for (let step = 1; step <= steps; step++) {
    const radius = step === 1 ? 0.1 : geometry.probe(gamma, values, before);
    const evals = Math.floor(Math.min(settings.initialEvals * Math.sqrt(step), settings.maxEvals));
    const slope = yield* slopeAt(task, geometry, current, radius, evals);
    if (slope === undefined) break;
    const length = distance(current) / Math.sqrt(step);
    const moved = yield* stepAlong(task, current, geometry.step(slope), length);
    before = distance(moved);
    current = yield* project(moved);
    if (distance(current) < distance(nearest)) nearest = current;
    task.progress(step / steps);
  }
  return nearest;
}

/** The longest step, of a length and its halves, quarters and so on, that still succeeds. */
function* stepAlong(
  task: ImageTask,
  from: Float32Array,
  direction: Float64Array,
  length: number,
): Question<Float32Array> {
  for (let size = length; size > length / 2 ** MOST_HALVINGS; size /= 2) {
    const moved = from.map((value, i) => Math.min(Math.max(value + size * direction[i]!, 0), 1));
    if (yield* succeeds(task, moved)) return moved;
  }
  return from;
}

/** Beyond this a step changes no float32. */
const MOST_HALVINGS = 40;

/** By how much the change grows before it is given up that success outlives rounding. */
const GROWTHS = [0, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1];

/** The image on 256 levels, its change grown until it succeeds; the image itself where that doesn't help. */
function* settle(task: ImageTask, image: Float32Array): Question<Float32Array> {
  const { origin } = task;
  for (const growth of GROWTHS) {
    const grown = image.map((value, i) => {
      const further = origin[i]! + (1 + growth) * (value - origin[i]!);
      return Math.min(Math.max(further, 0), 1);
    });
    const rounded = roundToLevels(grown);
    if (yield* succeeds(task, rounded)) return rounded;
  }
  return image;
}
