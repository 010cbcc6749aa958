import type { RunFacts, RunListed, RunStage } from '../../lab/api.ts';

/** A line of the history: what the list says, with the facts once they are known. */
export interface RunLine extends RunListed {
  readonly facts?: RunFacts;
}

export const stageNames: Readonly<Record<RunStage, string>> = {
  new: 'Begun',
  examples: 'Images made',
  sheets: 'Sheets laid out',
  captures: 'Photographed',
  measured: 'Measured',
};

/** How far a run is, for sorting. */
export function stageOrder(stage: RunStage | undefined): number {
  return stage === undefined ? -1 : Object.keys(stageNames).indexOf(stage);
}

export function runLines(runs: readonly RunListed[], facts: ReadonlyMap<string, RunFacts>): RunLine[] {
  return runs.map((run) => {
    const found = facts.get(run.id);
    return found === undefined ? run : { ...run, facts: found };
  });
}

/** The runs that have every word of a text: in title, model, attacks, data, stage or date. */
export function searchRuns(lines: readonly RunLine[], text: string): readonly RunLine[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return lines;
  return lines.filter((line) => {
    const { title, id, model, attacks, created, facts } = line;
    const stage = facts === undefined ? '' : stageNames[facts.stage];
    const all = [title, id, model, ...attacks, facts?.data ?? '', stage, created, shownDate(created)];
    const whole = all.join('\n').toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}

/** `2026-11-23 19:28` in the person's own time; empty where there is none. */
export function shownDate(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Attacks in few words: a curve's rows are one. `fgsm ×3, bim ×3`. */
export function attackWords(titles: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const title of titles) {
    const name = title.split(',')[0]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).join(', ');
}

/**
 * How far to go on with a run: its images, then its sheets; to the report where its recipe takes photographs by
 * itself or some are taken.
 */
export function nextUntil(
  stage: RunStage,
  captures: readonly object[],
): 'examples' | 'sheets' | 'report' | undefined {
  if (stage === 'measured') return undefined;
  const byItself = captures.some((entry) => 'simulate' in entry || 'files' in entry);
  if (byItself || stage === 'captures') return 'report';
  if (stage === 'sheets') return undefined;
  return stage === 'new' ? 'examples' : 'sheets';
}
