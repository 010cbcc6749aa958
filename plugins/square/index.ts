import {
  askLogits,
  checkRadius,
  defineAttack,
  type ImageAttack,
  type ImageTask,
  lead,
  lockstep,
  logProbability,
  normParameter,
  radiusParameter,
  roundToLevels,
  type StepNorm,
} from '@halftone/sdk';
import { l2Proposals, linfProposals, type Place, type Proposals } from './proposals.ts';
import { shareAt } from './schedule.ts';

const proposalsOf: Readonly<Record<StepNorm, Proposals>> = { linf: linfProposals, l2: l2Proposals };

interface Settings {
  readonly norm: StepNorm;
  readonly epsilon: number;
  readonly queries: number;
  readonly pInit: number;
}

/** The attack on one image: proposals until one succeeds; the best where none does. */
function* attackImage(task: ImageTask, settings: Settings): ImageAttack<Float32Array> {
  const { origin, shape, random } = task;
  const { queries, epsilon } = settings;
  if (judge(task, yield origin).succeeds) return origin;
  const proposals = proposalsOf[settings.norm];
  const place: Place = { origin, shape, epsilon, random };
  let best = origin;
  let least = Number.POSITIVE_INFINITY;
  // The query before the loop counts too.
  for (let query = 1; query < queries; query++) {
    const proposal =
      best === origin
        ? proposals.begin(place)
        : proposals.next(place, best, shareAt(settings.pInit, query - 2, queries));
    const { loss, succeeds } = judge(task, yield proposal);
    if (loss < least) {
      best = proposal;
      least = loss;
    }
    if (succeeds) {
      const rounded = roundToLevels(proposal);
      if (same(rounded, proposal)) return proposal;
      query += 1;
      if (query < queries && judge(task, yield rounded).succeeds) return proposal;
    }
    task.progress(query / queries);
  }
  return best;
}

/** The margin away from a label; the cross-entropy towards a target, as in their published code. */
function judge({ wanted, targeted }: ImageTask, logits: Float32Array): { loss: number; succeeds: boolean } {
  const ahead = lead(logits, wanted, targeted);
  return { loss: targeted ? -logProbability(logits, wanted) : -ahead, succeeds: ahead > 0 };
}

function same(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, i) => Math.abs(value - b[i]!) < 1e-6);
}

/**
 * Square attack: random search by squares at the edge of the ball, smaller and smaller; one that lowers the loss
 * stays. Andriushchenko, Croce, Flammarion, Hein (2020), algorithms 1 to 3.
 */
export default defineAttack({
  name: 'square',
  title: 'Square attack',
  summary: 'Random search by coloured squares, from scores alone: strong, and blind to masked gradients.',
  paper: {
    authors: 'Maksym Andriushchenko, Francesco Croce, Nicolas Flammarion, Matthias Hein',
    title: 'Square Attack: a query-efficient black-box adversarial attack via random search',
    year: 2020,
    url: 'https://arxiv.org/abs/1912.00049',
  },
  departures: [
    'Every image draws its own squares; the published code draws one for the whole batch under L2.',
    'The last row and column are reached, as in the paper; the published code leaves them out.',
    'A success that rounding to eight bits would undo is searched on: one query more.',
    'Images that succeed before the attack are left as they are: that costs one query.',
  ],
  access: 'score',
  criteria: ['untargeted', 'targeted'],
  norm: { parameter: 'norm' },
  budget: 'epsilon',
  parameters: {
    norm: normParameter,
    epsilon: radiusParameter,
    queries: {
      type: 'integer',
      min: 1,
      max: 10_000_000,
      default: 5000,
      help: 'Queries an image at most. The sizes of the squares follow from it.',
    },
    pInit: {
      type: 'number',
      min: 0,
      max: 1,
      default: 0.8,
      help: 'Share of the pixels in the first squares. 0.8 for robust models, 0.05 for plain ones on large images.',
    },
  },
  async run(context) {
    const { parameters } = context;
    checkRadius(parameters.norm, parameters.epsilon);
    if (parameters.epsilon === 0) return context.images;
    return lockstep(context, (task) => attackImage(task, parameters), askLogits(context));
  },
});
