import { type Cluster, clusteredProportion } from '../clusters.ts';
import type { Proportion } from '../metrics.ts';
import { within } from '../verdict.ts';
import type { ImageOutcome, ModelOutcomes, PhotoOutcome } from './outcomes.ts';
import { fooledAsFile, pairUp } from './table.ts';

/** How results depend on the view: the same measures over the photographs from some angles, or at some resolutions. */

/** What an attack came to in some of its photographs. */
export interface ViewOfAttack {
  readonly variant: string;
  /** Top-1 accuracy on its photographs. */
  readonly photo: Proportion;
  readonly destruction: Proportion;
}

/** The photographs between two bounds. */
export interface ViewRow {
  /** From, and up to but without. `angle` in degrees, `dpi` in camera pixels per inch of paper. */
  readonly low: number;
  readonly high: number;
  /** Photographs in it. */
  readonly captures: number;
  /** Top-1 accuracy on the photographs of clean images. */
  readonly clean: Proportion;
  readonly attacks: readonly ViewOfAttack[];
}

/** Widths of the rows: what a person holding a camera tells apart. */
const widths = { angle: 10, dpi: 25 } as const;
export type ViewMeasure = keyof typeof widths;

/** One model's photographs by angle or by resolution, ascending; photographs without it are left out. */
export function viewRows({ clean, adversarial }: ModelOutcomes, by: ViewMeasure): ViewRow[] {
  const width = widths[by];
  const binOf = (photo: PhotoOutcome) => {
    const value = photo[by];
    return value === undefined ? undefined : Math.floor(value / width);
  };
  const all = [clean, ...adversarial].flatMap(({ images }) => images.flatMap(({ photos }) => photos));
  const bins = [...new Set(all.map(binOf))].filter((bin) => bin !== undefined).sort((a, b) => a - b);
  return bins.map((bin) => {
    const seen = ({ photos }: ImageOutcome) => photos.filter((photo) => binOf(photo) === bin);
    return {
      low: bin * width,
      high: (bin + 1) * width,
      captures: new Set(all.filter((photo) => binOf(photo) === bin).map(({ capture }) => capture)).size,
      clean: rightIn(clean.images.map(seen)),
      attacks: adversarial.map((variant) => ({
        variant: variant.variant,
        photo: rightIn(variant.images.map(seen)),
        destruction: rightIn(
          pairUp(clean, variant)
            .filter((pair) => fooledAsFile(pair, 1))
            .map((pair) => seen(pair.adversarial)),
        ),
      })),
    };
  });
}

/** The share of photographs that are classified rightly, grouped by image. */
function rightIn(images: readonly (readonly PhotoOutcome[])[]): Proportion {
  return clusteredProportion(
    images.map((photos): Cluster => {
      return { successes: photos.filter(({ verdict }) => within(verdict, 1)).length, n: photos.length };
    }),
  );
}
