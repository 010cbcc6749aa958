import {
  checkRadius,
  defineAttack,
  type GradientAnswer,
  HalftoneError,
  type ImageAttack,
  type ImageTask,
  lead,
  lockstep,
  normParameter,
  radiusParameter,
  type StepNorm,
} from '@halftone/sdk';
import { type Aim, askAims } from './aims.ts';
import { type Ascent, type AscentSettings, ascend } from './ascent.ts';
import { descending } from './dlr.ts';

type Loss = 'both' | 'cross-entropy' | 'dlr' | 'dlr-targeted';

/** Classes that a model must have, for the ratio to be defined. */
const classesNeeded: Readonly<Record<Loss, number>> = {
  both: 4,
  'cross-entropy': 2,
  dlr: 3,
  'dlr-targeted': 4,
};

/**
 * Auto-PGD: gradient steps with momentum from random starts, whose length halves at checkpoints where the loss has
 * stopped rising, and which then go on from the best point. Croce and Hein (2020), algorithm 1; on the cross-entropy
 * and on the (targeted) difference of logits ratio.
 */
export default defineAttack({
  name: 'apgd',
  title: 'Auto-PGD',
  summary:
    'PGD that chooses its own steps, on two losses: what is left standing is the robust accuracy that papers give.',
  paper: {
    authors: 'Francesco Croce, Matthias Hein',
    title: 'Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks',
    year: 2020,
    url: 'https://arxiv.org/abs/2003.01690',
  },
  departures: [
    'An image is left alone once it fools and still does when rounded to eight bits; images that are wrong before the attack are not touched.',
    'Of an image that withstands, the highest loss of the ascent comes back that came nearest to fooling.',
    'The first checkpoint compares with the loss at the start, where the published code compares with 0.',
    'Towards a target of the user, the targeted ratio has the largest other logit in place of the label’s.',
  ],
  access: 'white-box',
  criteria: ['untargeted', 'targeted'],
  norm: { parameter: 'norm' },
  budget: 'epsilon',
  parameters: {
    norm: normParameter,
    epsilon: radiusParameter,
    loss: {
      type: 'choice',
      choices: ['both', 'cross-entropy', 'dlr', 'dlr-targeted'],
      default: 'both',
      help: 'What is raised: the cross-entropy, the ratio of logits, the ratio towards each target, or first and last.',
    },
    steps: { type: 'integer', min: 1, max: 100_000, default: 100, help: 'Number of steps a start.' },
    restarts: {
      type: 'integer',
      min: 1,
      max: 1000,
      default: 1,
      help: 'Number of random starts for each loss and target; fooled images are left alone.',
    },
    targets: {
      type: 'integer',
      min: 1,
      max: 1000,
      default: 9,
      help: 'For the targeted ratio: how many classes are tried, the likeliest first.',
    },
    rho: {
      type: 'number',
      min: 0,
      max: 1,
      default: 0.75,
      help: 'A step is halved unless more than this share of the last ones raised the loss.',
    },
  },
  async run(context) {
    const { model, images, parameters } = context;
    checkRadius(parameters.norm, parameters.epsilon);
    const needed = classesNeeded[parameters.loss];
    if (model.classes < needed) {
      const text = `apgd: loss=${parameters.loss} needs ${needed} classes, this model has ${model.classes}; take loss=cross-entropy`;
      throw new HalftoneError('bad-argument', text);
    }
    const aims: Aim[] = Array.from({ length: images.shape[0] }, () => ({ loss: 'cross-entropy' }));
    let begun = 0;
    return lockstep(
      context,
      (task) => {
        const index = begun++;
        const aim = (next: Aim) => {
          aims[index] = next;
        };
        return attackImage(task, parameters, aim);
      },
      askAims(context, aims),
    );
  },
});

interface Settings extends AscentSettings {
  readonly norm: StepNorm;
  readonly loss: Loss;
  readonly restarts: number;
  readonly targets: number;
}

/** One image: aims one after the other, from random starts, until an ascent fools. */
function* attackImage(
  task: ImageTask,
  settings: Settings,
  setAim: (aim: Aim) => void,
): ImageAttack<GradientAnswer> {
  const { origin, wanted, targeted } = task;
  const { logits } = yield origin;
  if (lead(logits, wanted, targeted) > 0) return origin;
  const aims = aimsOf(task, logits, settings);
  let best: Ascent | undefined;
  for (const [index, aim] of aims.entries()) {
    setAim(aim);
    for (let start = 0; start < settings.restarts; start++) {
      const found = yield* ascend(task, settings, task.random.derive(index).derive(start));
      if (found.fools) return found.image;
      if (best === undefined || found.lead > best.lead) best = found;
      task.progress((index + (start + 1) / settings.restarts) / aims.length);
    }
  }
  return best?.image ?? origin;
}

/** What an image's ascents aim at, in order. `logits` of the clean image rank the targets. */
function aimsOf({ wanted, targeted }: ImageTask, logits: Float32Array, { loss, targets }: Settings): Aim[] {
  const entropy: Aim = { loss: 'cross-entropy' };
  if (loss === 'cross-entropy') return [entropy];
  if (loss === 'dlr' && !targeted) return [{ loss, label: wanted }];
  const towards: Aim[] = targeted
    ? [{ loss: 'dlr-targeted', label: undefined, target: wanted }]
    : descending(logits)
        .filter((target) => target !== wanted)
        .slice(0, targets)
        .map((target) => ({ loss: 'dlr-targeted', label: wanted, target }));
  return loss === 'both' ? [entropy, ...towards] : towards;
}
