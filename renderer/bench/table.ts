import type { PhysicalResults, RunDetail, RunOutcomes } from '../../lab/api.ts';

type Row = PhysicalResults['rows'][number];
type Proportion = Row['file']['clean']['top1'];

/** A line of the bench's table: an attack, as files, before the run's model and before those beside it. */
export interface AttackLine {
  readonly key: string;
  readonly title: string;
  readonly done: number;
  readonly of: number;
  readonly clean?: Proportion;
  readonly adversarial?: Proportion;
  /** Of the images that were right when clean: those that aren't any more. */
  readonly fooled?: Proportion;
  /** Before each other model and behind each chain of defences, by its name. */
  readonly others: Readonly<Record<string, { readonly clean: Proportion; readonly adversarial: Proportion }>>;
  /** Spent an image, of those done. */
  readonly queries: number;
  readonly gradients: number;
  readonly broken: number;
  readonly seconds: number;
}

/** One line an attack, in the order of the run; figures only where all of its images are made. */
export function attackLines(detail: RunDetail, outcomes: RunOutcomes | null): AttackLine[] {
  const of = detail.sources?.length ?? 0;
  const source = outcomes?.models.find((model) => model.source)?.model;
  const rows = outcomes?.results.rows ?? [];
  return detail.variants.map(({ key, title, done, queries, gradients, broken, seconds }) => {
    const own = rows.find((row) => row.variant === key && row.model === source);
    const others = rows.filter((row) => row.variant === key && row.model !== source);
    const transfer = outcomes?.results.transfer.find(
      ({ file }) => file.variant === key && file.target === source,
    );
    return {
      key,
      title,
      done,
      of,
      ...(own === undefined ? {} : { clean: own.file.clean.top1, adversarial: own.file.adversarial.top1 }),
      ...(transfer === undefined ? {} : { fooled: transfer.file.fooled }),
      others: Object.fromEntries(
        others.map(({ model, file }) => [
          model,
          { clean: file.clean.top1, adversarial: file.adversarial.top1 },
        ]),
      ),
      queries: queries / Math.max(1, done),
      gradients: gradients / Math.max(1, done),
      broken,
      seconds,
    };
  });
}

/** A column of who else was asked. */
export interface BesideColumn {
  /** As results call the model. */
  readonly name: string;
  readonly title: string;
}

/** Other models, and the run's own behind each chain of defences: in short, unless that would name two alike. */
export function besideColumns({ models, record }: Pick<RunDetail, 'models' | 'record'>): BesideColumn[] {
  const shorts = record.defenses.map(({ steps }) => steps.map(({ defense }) => defense).join(' + '));
  return models.slice(1).map(({ name, defense }) => {
    if (defense === undefined) return { name, title: name };
    const short = shorts[record.defenses.findIndex(({ title }) => title === defense)]!;
    const alone = shorts.indexOf(short) === shorts.lastIndexOf(short);
    return { name, title: `behind ${alone ? short : defense}` };
  });
}
