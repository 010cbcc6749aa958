import { imagePath, type Run } from '../../runs/folder.ts';
import { type CaptureRecord, type CropRecord, readCaptures, usableCrops } from './capture-record.ts';
import { readSources } from './examples.ts';
import type { Materials, StageOptions } from './materials.ts';
import type { ImageOutcome, ModelOutcomes, PhotoOutcome } from './outcomes.ts';
import { runModels } from './run-models.ts';
import { type Selection, selectImages } from './selection.ts';
import { type Asked, askModel } from './verdicts.ts';

/** A run's images before every model of its recipe and behind its defences; the model of the examples first. */
export async function collectOutcomes(
  run: Run,
  materials: Materials,
  options: StageOptions = {},
): Promise<ModelOutcomes[]> {
  const selection = await selectImages(run, materials, options);
  const captures = await readCaptures(run);
  const views = viewsOf(captures);
  const labels = ((await readSources(run))?.images ?? []).map(({ label }) => label);
  const outcomes: ModelOutcomes[] = [];
  for (const model of runModels(run.record)) {
    const questions = questionsOf(selection, labels, views);
    const asked = questions.flatMap(({ file, photos }) => [file, ...photos.map(({ asked }) => asked)]);
    const verdicts = await askModel(run, model, materials, asked, options);
    const byFile = new Map(asked.map(({ file }, at) => [file, verdicts[at]!]));
    const images = questions.map(({ variant, source, label, file, photos }) => ({
      variant,
      outcome: {
        source,
        label,
        file: byFile.get(file.file)!,
        photos: photos.map(
          ({ asked, capture }): PhotoOutcome => ({
            capture: capture.name,
            verdict: byFile.get(asked.file)!,
            angle: capture.angle,
            dpi: capture.dpi,
          }),
        ),
      } satisfies ImageOutcome,
    }));
    const of = (variant: string) =>
      images.filter((image) => image.variant === variant).map(({ outcome }) => outcome);
    outcomes.push({
      model: model.name,
      source: model.source,
      ...(model.chain === undefined ? {} : { defense: model.chain.title }),
      clean: { variant: 'clean', images: of('clean') },
      adversarial: run.record.variants.map(({ key }) => ({ variant: key, images: of(key) })),
    });
  }
  return outcomes;
}

/** A photograph of one image. */
interface View {
  readonly crop: CropRecord;
  readonly capture: CaptureRecord;
}

/** Usable photographs, by `variant/source`. */
function viewsOf(captures: readonly CaptureRecord[]): Map<string, View[]> {
  const views = new Map<string, View[]>();
  for (const capture of captures) {
    for (const crop of usableCrops(capture)) {
      const key = `${crop.variant}/${crop.source}`;
      views.set(key, [...(views.get(key) ?? []), { crop, capture }]);
    }
  }
  return views;
}

/** One image in one version: what a model is asked about it. */
interface Question {
  readonly variant: string;
  readonly source: number;
  readonly label: number;
  readonly file: Asked;
  readonly photos: readonly { readonly asked: Asked; readonly capture: CaptureRecord }[];
}

function questionsOf(
  selection: Selection,
  labels: readonly number[],
  views: ReadonlyMap<string, readonly View[]>,
): Question[] {
  const printed = [...new Set([...selection.values()].flat())].sort((a, b) => a - b);
  const wanted: [string, readonly number[]][] = [['clean', printed], ...selection];
  return wanted.flatMap(([variant, sources]) =>
    sources.map((source) => {
      const label = labels[source]!;
      const photos = (views.get(`${variant}/${source}`) ?? []).map(({ crop, capture }) => ({
        asked: { file: crop.file, label },
        capture,
      }));
      return { variant, source, label, file: { file: imagePath(variant, source), label }, photos };
    }),
  );
}
