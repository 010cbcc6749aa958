import { readCaptures } from '../../experiments/physical/capture-record.ts';
import type { ImageOutcome, ModelOutcomes } from '../../experiments/physical/outcomes.ts';
import { type ImagePair, pairUp } from '../../experiments/physical/table.ts';
import { type Verdict, within } from '../../experiments/verdict.ts';
import { imagePath, type Run } from '../folder.ts';
import { type Html, html } from './markup.ts';
import { AMPLIFIED, difference, embedded } from './pictures.ts';

/** Images shown for each attack: a report is to be mailed. */
const mostImages = 12;

/** Source, adversarial, perturbation and photograph of each attack's first images, with what the model says. */
export async function gallery(run: Run, { clean, adversarial }: ModelOutcomes): Promise<Html> {
  const crops = await cropFiles(run);
  const parts: Html[] = [];
  for (const variant of adversarial) {
    const pairs = pairUp(clean, variant).slice(0, mostImages);
    const rows: Html[] = [];
    for (const pair of pairs) rows.push(await galleryRow(run, variant.variant, pair, crops));
    const title = run.record.variants.find(({ key }) => key === variant.variant)?.title ?? variant.variant;
    parts.push(html`<h3>${title}</h3>
<div class="wide"><table class="gallery"><thead><tr><th class="text">image</th><th class="text">source</th><th class="text">adversarial</th>
<th class="text">difference ×${AMPLIFIED}</th><th class="text">clean, photographed</th><th class="text">adversarial, photographed</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="quiet">${pairs.length} of ${variant.images.length} images.</p>`);
  }
  return html`${parts}`;
}

async function galleryRow(
  run: Run,
  variant: string,
  { clean, adversarial }: ImagePair,
  crops: ReadonlyMap<string, string>,
): Promise<Html> {
  const { source, label } = clean;
  const own = imagePath('clean', source);
  const changed = imagePath(variant, source);
  const photo = (version: string, outcome: ImageOutcome) => photograph(run, version, outcome, crops);
  return html`<tr><td class="text">${source}<br>${className(run, label)}</td>
<td>${await embedded(run, own, `source ${source}`)}${said(run, clean.file)}</td>
<td>${await embedded(run, changed, `${variant} ${source}`)}${said(run, adversarial.file)}</td>
<td>${await difference(run, changed, own, `difference ${source}`)}</td>
<td>${await photo('clean', clean)}</td><td>${await photo(variant, adversarial)}</td></tr>`;
}

async function photograph(
  run: Run,
  variant: string,
  { source, photos }: ImageOutcome,
  crops: ReadonlyMap<string, string>,
): Promise<Html> {
  const [first] = photos;
  const file = first === undefined ? undefined : crops.get(`${first.capture}/${variant}/${source}`);
  if (first === undefined || file === undefined) return html`<span class="quiet">none</span>`;
  const right = photos.filter(({ verdict }) => within(verdict, 1)).length;
  const views =
    photos.length > 1
      ? html`<br><span class="quiet">right in ${right} of ${photos.length} views</span>`
      : html``;
  return html`${await embedded(run, file, `photograph of ${variant} ${source}`)}${said(run, first.verdict)}${views}`;
}

/** The prediction with a glyph beside its colour. */
function said(run: Run, verdict: Verdict): Html {
  const right = within(verdict, 1);
  const confidence = (100 * verdict.confidence).toFixed(0);
  return html`<span class="${right ? 'right' : 'wrong'}">${right ? '✓' : '✗'} ${className(run, verdict.predicted)} ${confidence}%</span>`;
}

function className({ record }: Run, index: number): string {
  return record.classes[index] ?? String(index);
}

/** Files of the crops, by `capture/variant/source`. */
async function cropFiles(run: Run): Promise<Map<string, string>> {
  const captures = await readCaptures(run);
  return new Map(
    captures.flatMap(({ name, crops }) =>
      crops.map(({ variant, source, file }) => [`${name}/${variant}/${source}`, file] as const),
    ),
  );
}
