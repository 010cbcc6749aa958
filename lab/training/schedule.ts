import { z } from 'zod';

/** How the learning rate changes over a training. */
export type Schedule = z.infer<typeof scheduleSchema>;

export const scheduleSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('constant'), warmup: z.int().min(0).default(0) }),
    /** Multiplied by `factor` after every `every` epochs. */
    z.strictObject({
      type: z.literal('step'),
      every: z.int().min(1),
      factor: z.number().positive(),
      warmup: z.int().min(0).default(0),
    }),
    /** Half a cosine from the full rate down to the share `final` of it. Loshchilov and Hutter 2017, without restarts. */
    z.strictObject({
      type: z.literal('cosine'),
      final: z.number().min(0).max(1).default(0),
      /** Steps in which the rate rises in a straight line from nothing; the schedule runs on meanwhile. */
      warmup: z.int().min(0).default(0),
    }),
  ])
  .prefault({ type: 'constant' });

/** Where a training stands, in optimizer steps counted from 0. */
export interface Position {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

/** The share of the full learning rate that a step takes. */
export function rateFactor(schedule: Schedule, position: Position): number {
  const { step } = position;
  const warm = step < schedule.warmup ? (step + 1) / schedule.warmup : 1;
  return warm * shape(schedule, position);
}

function shape(schedule: Schedule, { step, stepsPerEpoch, totalSteps }: Position): number {
  switch (schedule.type) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.factor ** Math.floor(step / (schedule.every * stepsPerEpoch));
    case 'cosine': {
      const done = Math.min(1, step / totalSteps);
      return schedule.final + ((1 - schedule.final) * (1 + Math.cos(Math.PI * done))) / 2;
    }
  }
}
