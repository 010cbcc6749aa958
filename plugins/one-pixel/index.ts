import {
  askLogits,
  defineAttack,
  type ImageAttack,
  type ImageTask,
  lead,
  lockstep,
  logProbability,
} from '@halftone/sdk';
import { type Candidate, child, type Frame, firstCandidate, paint } from './evolution.ts';

interface Settings {
  readonly pixels: number;
  readonly steps: number;
  readonly population: number;
  readonly factor: number;
}

/** The attack on one image: generations until a candidate succeeds; the fittest candidate where none does. */
function* attackImage(task: ImageTask, settings: Settings): ImageAttack<Float32Array> {
  const { random, shape } = task;
  const { pixels, steps, population, factor } = settings;
  const frame: Frame = { height: shape[0], width: shape[1], channels: shape[2] };
  const block = new Float32Array(population * task.origin.length);
  let generation = Array.from({ length: population }, () => firstCandidate(frame, pixels, random));
  let fitness = fitnessOf(task, yield show(task, generation, frame, block), population);
  for (let step = 0; step < steps && !fitness.some(({ succeeds }) => succeeds); step++) {
    const children = generation.map((_, parent) => child(generation, parent, frame, factor, random));
    const born = fitnessOf(task, yield show(task, children, frame, block), population);
    const stays = fitness.map((parent, k) => !born[k]!.succeeds && parent.value > born[k]!.value);
    generation = generation.map((parent, k) => (stays[k] ? parent : children[k]!));
    fitness = fitness.map((parent, k) => (stays[k] ? parent : born[k]!));
    task.progress((step + 1) / steps);
  }
  const image = task.origin.slice();
  paint(image, generation[fittest(fitness)]!, frame);
  return image;
}

/** The images of a generation's candidates, one after the other. */
function show(
  { origin }: ImageTask,
  generation: readonly Candidate[],
  frame: Frame,
  block: Float32Array,
): Float32Array {
  for (const [k, candidate] of generation.entries()) {
    const image = block.subarray(k * origin.length, (k + 1) * origin.length);
    image.set(origin);
    paint(image, candidate, frame);
  }
  return block;
}

interface Fitness {
  /** Log probability of the target, or the negative of the label's. */
  readonly value: number;
  readonly succeeds: boolean;
}

function fitnessOf({ wanted, targeted }: ImageTask, logits: Float32Array, population: number): Fitness[] {
  const classes = logits.length / population;
  return Array.from({ length: population }, (_, k) => {
    const row = logits.subarray(k * classes, (k + 1) * classes);
    const value = logProbability(row, wanted);
    return { value: targeted ? value : -value, succeeds: lead(row, wanted, targeted) > 0 };
  });
}

/** One that succeeds before all that don't; of equals the first. */
function fittest(fitness: readonly Fitness[]): number {
  const better = (a: Fitness, b: Fitness) => (a.succeeds === b.succeeds ? a.value > b.value : a.succeeds);
  return fitness.reduce((best, one, k) => (better(one, fitness[best]!) ? k : best), 0);
}

/**
 * One-pixel attack: differential evolution over the places and colours of a few pixels, from scores alone; children
 * a + F · (b − c), each against its parent; no crossover. Su, Vargas, Sakurai (2019), section III.
 */
export default defineAttack({
  name: 'one-pixel',
  title: 'One-pixel attack',
  summary: 'Changes one pixel (or a few), found by differential evolution from scores alone.',
  paper: {
    authors: 'Jiawei Su, Danilo Vasconcellos Vargas, Kouichi Sakurai',
    title: 'One Pixel Attack for Fooling Deep Neural Networks',
    year: 2017,
    url: 'https://arxiv.org/abs/1710.08864',
  },
  departures: [
    'It ends as soon as a candidate succeeds; the paper goes on to a probability of the target above 90%, or of the label below 5%.',
    'What leaves its range is drawn anew in it: the paper says nothing.',
    'Log probabilities rank the candidates: the same order, and no ties where probabilities round to 0 or 1.',
  ],
  access: 'score',
  criteria: ['untargeted', 'targeted'],
  norm: 'l0',
  parameters: {
    pixels: {
      type: 'integer',
      min: 1,
      max: 10_000,
      default: 1,
      help: 'Pixels that may change. The paper takes 1, 3 and 5.',
    },
    steps: {
      type: 'integer',
      min: 0,
      max: 100_000,
      default: 100,
      help: 'Generations at most. More find more, up to a point.',
    },
    population: {
      type: 'integer',
      min: 4,
      max: 100_000,
      default: 400,
      help: 'Candidates in a generation, one query each.',
    },
    factor: {
      type: 'number',
      min: 0,
      max: 2,
      default: 0.5,
      help: 'F: how far a child moves along the difference of two others.',
    },
  },
  run(context) {
    return lockstep(context, (task) => attackImage(task, context.parameters), askLogits(context));
  },
});
