import {
  type GradientAnswer,
  type ImageTask,
  intoBall,
  lead,
  type Random,
  roundToLevels,
  type StepNorm,
  startOnSphere,
  stepOf,
} from '@halftone/sdk';

export interface AscentSettings {
  readonly norm: StepNorm;
  readonly epsilon: number;
  readonly steps: number;
  /** ρ: a step is halved unless more than this share of the last ones raised the loss. */
  readonly rho: number;
}

/** What an ascent found. */
export interface Ascent {
  readonly image: Float32Array;
  /** It fools, and does so rounded to eight bits. */
  readonly fools: boolean;
  /** By how much the wanted side leads, in logits; below zero where nothing fooled. */
  readonly lead: number;
}

/** Weight of the new step against the last one's direction. */
const MOMENTUM = 0.75;

/**
 * Auto-PGD on one image from one start: Croce and Hein (2020), algorithm 1, with the constants of their section 3.1
 * and their published code. Ends at the first image that fools and still does when it is rounded to eight bits.
 */
export function* ascend(
  task: ImageTask,
  settings: AscentSettings,
  random: Random,
): Generator<Float32Array, Ascent, GradientAnswer> {
  const { origin, wanted, targeted } = task;
  const { norm, epsilon, steps } = settings;
  let x = startOnSphere(norm, origin, epsilon, random);
  let before = x;
  let answer = yield x;
  const climb = new Climb(x, answer, settings);
  let fooling: Float32Array | undefined;
  let closest = Number.NEGATIVE_INFINITY;
  for (let index = 0; ; index++) {
    const ahead = lead(answer.logits, wanted, targeted);
    closest = Math.max(closest, ahead);
    // The answer's memory may be used again after the next question.
    if (index > 0) climb.take(x, answer);
    if (ahead > 0) {
      const rounded = yield roundToLevels(x);
      if (lead(rounded.logits, wanted, targeted) > 0) return { image: x, fools: true, lead: ahead };
      fooling = x;
    }
    if (index === steps) return { image: fooling ?? climb.best, fools: false, lead: closest };
    const from = climb.checkpoint() ? climb.best : x;
    x = next(from, before, climb, { origin, norm, epsilon, weight: index === 0 ? 1 : MOMENTUM });
    before = from;
    answer = yield x;
  }
}

interface Move {
  readonly origin: Float32Array;
  readonly norm: StepNorm;
  readonly epsilon: number;
  /** Of the gradient step; the rest is the last step's direction. */
  readonly weight: number;
}

/** z = P(x + η d), x' = P(x + w (z − x) + (1 − w)(x − x before)). */
function next(x: Float32Array, before: Float32Array, climb: Climb, move: Move): Float32Array {
  const { origin, norm, epsilon, weight } = move;
  const step = { images: x, gradient: climb.gradient, origin, alpha: climb.step, epsilon };
  const out = stepOf[norm](step, new Float32Array(x.length));
  for (let i = 0; i < out.length; i++) {
    out[i] = x[i]! + weight * (out[i]! - x[i]!) + (1 - weight) * (x[i]! - before[i]!);
  }
  return intoBall[norm](out, origin, epsilon);
}

/** The best point so far, and the step's length: halved at checkpoints where the loss has stopped rising. */
class Climb {
  /** Where the loss was highest. */
  best: Float32Array;
  /** At the point to step from. */
  gradient: Float32Array;
  step: number;
  readonly #rho: number;
  readonly #shorter: number;
  readonly #shortest: number;
  #bestGradient: Float32Array;
  #highest: number;
  #last: number;
  /** Steps between checkpoints, now. */
  #span: number;
  #since = 0;
  #rises = 0;
  #highestAtCheckpoint: number;
  /** As in the authors' code: the first checkpoint doesn't halve for want of a new best alone. */
  #halved = true;

  constructor(start: Float32Array, answer: GradientAnswer, { epsilon, steps, rho }: AscentSettings) {
    this.best = start;
    // Copies: the answers of a whole batch share their memory.
    this.gradient = answer.gradient.slice();
    this.#bestGradient = this.gradient;
    this.#highest = answer.objective[0]!;
    this.#last = this.#highest;
    this.#highestAtCheckpoint = this.#highest;
    this.step = 2 * epsilon;
    this.#rho = rho;
    this.#span = Math.max(Math.trunc(0.22 * steps), 1);
    this.#shorter = Math.max(Math.trunc(0.03 * steps), 1);
    this.#shortest = Math.max(Math.trunc(0.06 * steps), 1);
  }

  /** Takes in where the last step led. */
  take(x: Float32Array, { gradient, objective }: GradientAnswer): void {
    const loss = objective[0]!;
    this.gradient = gradient.slice();
    if (loss > this.#last) this.#rises += 1;
    if (loss > this.#highest) {
      this.#highest = loss;
      this.best = x;
      this.#bestGradient = this.gradient;
    }
    this.#last = loss;
    this.#since += 1;
  }

  /** At a checkpoint, decides on the step; whether it was halved, and the ascent goes on from the best point. */
  checkpoint(): boolean {
    if (this.#since < this.#span) return false;
    const tooFew = this.#rises <= this.#rho * this.#span;
    const stuck = !this.#halved && this.#highestAtCheckpoint >= this.#highest;
    this.#halved = tooFew || stuck;
    this.#highestAtCheckpoint = this.#highest;
    this.#span = Math.max(this.#span - this.#shorter, this.#shortest);
    this.#since = 0;
    this.#rises = 0;
    if (!this.#halved) return false;
    this.step /= 2;
    this.gradient = this.#bestGradient;
    return true;
  }
}
