import type { CaptureRecord, CropRecord, ModelOutcomes } from '../../lab/api.ts';

type ImageOutcome = ModelOutcomes['clean']['images'][number];
export type Verdict = ImageOutcome['file'];

/** One image of a run in one version, as a file and, with `crop`, as one photograph of it. */
export interface MeasuredImage {
  /** Unique among those of a list. */
  readonly key: string;
  /** `clean`, or the key of an attack. */
  readonly variant: string;
  readonly source: number;
  readonly label: number;
  /** What the model made of the file. */
  readonly fileVerdict?: Verdict;
  readonly crop?: MeasuredCrop;
}

export interface MeasuredCrop {
  /** Relative to the run's folder. */
  readonly file: string;
  readonly capture: CaptureRecord;
  /** Why it, or its whole photograph, is poor. */
  readonly reasons: readonly string[];
  /** It counts in the measures. */
  readonly used: boolean;
  /** A person decided so, of it or of its photograph. */
  readonly decided: boolean;
  /** What the model made of it; of those that count. */
  readonly verdict?: Verdict;
}

/** Whether a crop counts: a decision on it stands before one on its photograph, and that before the grades. */
export function isUsed(capture: CaptureRecord, crop: CropRecord): boolean {
  const decision = crop.decision ?? capture.decision;
  return decision === undefined
    ? capture.reasons.length + crop.reasons.length === 0
    : decision === 'included';
}

/** What the key that leaves out and puts back decides next of a crop. `null` leaves it to the grades again. */
export function nextDecision(capture: CaptureRecord, crop: CropRecord): 'excluded' | 'included' | null {
  const used = isUsed(capture, crop);
  const without = isUsed(capture, { ...crop, decision: undefined } as CropRecord);
  // Where what stood before gives the other state, the decision is taken back rather than overruled.
  if (without !== used) return null;
  return used ? 'excluded' : 'included';
}

/** Every crop of a run with what one model made of it: image by image, version by version, photograph by photograph. */
export function measuredCrops(
  captures: readonly CaptureRecord[],
  model: ModelOutcomes | undefined,
): MeasuredImage[] {
  const outcomes = outcomesByImage(model);
  const order = new Map([...outcomes.keys()].map((key, i) => [key, i]));
  const found = captures.flatMap((capture) =>
    capture.crops.map((crop): MeasuredImage => {
      const { file, variant, source, label } = crop;
      const image = outcomes.get(`${variant}/${source}`);
      const verdict = image?.photos.find((photo) => photo.capture === capture.name)?.verdict;
      return {
        key: file,
        variant,
        source,
        label,
        ...(image === undefined ? {} : { fileVerdict: image.file }),
        crop: {
          file,
          capture,
          reasons: [...capture.reasons, ...crop.reasons],
          used: isUsed(capture, crop),
          decided: (crop.decision ?? capture.decision) !== undefined,
          ...(verdict === undefined ? {} : { verdict }),
        },
      };
    }),
  );
  const place = ({ variant, source }: MeasuredImage) =>
    order.get(`${variant}/${source}`) ?? Number.MAX_SAFE_INTEGER;
  return found.sort((a, b) => a.source - b.source || place(a) - place(b));
}

function outcomesByImage(model: ModelOutcomes | undefined): Map<string, ImageOutcome> {
  const variants = model === undefined ? [] : [model.clean, ...model.adversarial];
  return new Map(
    variants.flatMap(({ variant, images }) => images.map((image) => [`${variant}/${image.source}`, image])),
  );
}
