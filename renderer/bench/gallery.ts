import type { ModelOutcomes, RunDetail, RunOutcomes } from '../../lab/api.ts';

type ImageOutcome = ModelOutcomes['clean']['images'][number];
type Verdict = ImageOutcome['file'];

/** One source image and what an attack made of it, before one model. */
export interface GalleryImage {
  /** Its number in the run. */
  readonly source: number;
  /** The file that it came from. */
  readonly name: string;
  /** The true class. */
  readonly label: number;
  /** The attack's version of it is there. */
  readonly made: boolean;
  readonly clean?: Verdict;
  readonly adversarial?: Verdict;
}

/** Which images are shown. `fooled`: right when clean and wrong when adversarial; `stood`: right in both. */
export type Filter = 'all' | 'fooled' | 'stood' | 'mistaken';

export const filterNames: Readonly<Record<Filter, string>> = {
  all: 'All images',
  fooled: 'Fooled by the attack',
  stood: 'Right in spite of it',
  mistaken: 'Wrong when clean',
};

/** The run's images in one attack's version. `model` is the run's own where nobody says. */
export function galleryImages(
  detail: RunDetail,
  outcomes: RunOutcomes | null,
  variant: string,
  model?: string,
): GalleryImage[] {
  const own = outcomes?.models.find((each) => (model === undefined ? each.source : each.model === model));
  const clean = bySource(own?.clean.images);
  const adversarial = bySource(own?.adversarial.find((each) => each.variant === variant)?.images);
  const done = detail.variants.find(({ key }) => key === variant)?.done ?? 0;
  return (detail.sources ?? []).map(({ name, label }, source) => {
    const [before, after] = [clean.get(source), adversarial.get(source)];
    return {
      source,
      name,
      label,
      // Attacks go through the images in their order.
      made: source < done,
      ...(before === undefined ? {} : { clean: before }),
      ...(after === undefined ? {} : { adversarial: after }),
    };
  });
}

function bySource(images: readonly ImageOutcome[] = []): Map<number, Verdict> {
  return new Map(images.map(({ source, file }) => [source, file]));
}

/** Whether an image passes; one without verdicts passes only where all do. */
export function passes({ clean, adversarial }: GalleryImage, filter: Filter): boolean {
  if (filter === 'all') return true;
  if (clean === undefined) return false;
  if (filter === 'mistaken') return clean.rank > 0;
  if (adversarial === undefined || clean.rank > 0) return false;
  return filter === 'fooled' ? adversarial.rank > 0 : adversarial.rank === 0;
}

/** Zooms of a gallery: whole ones, and below them halves for what is larger than a screen. */
export const zooms = [0.125, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24] as const;

/** The largest zoom at which a picture's longer side stays within `box`; the smallest there is otherwise. */
export function fittingZoom(box: number, longest: number): number {
  return zooms.findLast((zoom) => zoom * longest <= box) ?? zooms[0];
}

/** The next zoom up or down; the last one stays. */
export function steppedZoom(zoom: number, by: 1 | -1): number {
  const next = by > 0 ? zooms.find((each) => each > zoom) : zooms.findLast((each) => each < zoom);
  return next ?? zoom;
}
