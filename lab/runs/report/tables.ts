import { type Proportion, showPoints, showProbability } from '../../experiments/metrics.ts';
import type { PairedComparison } from '../../experiments/paired.ts';
import { readCaptures, usableCrops } from '../../experiments/physical/capture-record.ts';
import type { AttackComparison } from '../../experiments/physical/compare.ts';
import type { PhysicalTransfer } from '../../experiments/physical/results.ts';
import type { PhysicalRow, TopAccuracy } from '../../experiments/physical/table.ts';
import type { Run } from '../folder.ts';
import { type Html, html } from './markup.ts';

/** The tables of a report. */

export function protocolTable(run: Run, rows: readonly PhysicalRow[]): Html {
  const accuracy = ({ top1, top5 }: TopAccuracy) => html`<td>${rate(top1)}</td><td>${rate(top5)}</td>`;
  const line = (
    row: PhysicalRow,
  ) => html`<tr><td class="text">${title(run, row.variant)}<small>${row.images} images</small></td>
${accuracy(row.photo.clean)}${accuracy(row.photo.adversarial)}${accuracy(row.file.clean)}${accuracy(row.file.adversarial)}
<td>${rate(row.destruction)}</td></tr>`;
  const tops = html`<th>top-1</th><th>top-5</th>`;
  return html`<div class="wide"><table><thead>
<tr><th rowspan="2">attack</th><th colspan="2">photo, clean</th><th colspan="2">photo, adversarial</th>
<th colspan="2">file, clean</th><th colspan="2">file, adversarial</th><th rowspan="2">destruction</th></tr>
<tr>${[tops, tops, tops, tops]}</tr></thead><tbody>${rows.map(line)}</tbody></table></div>`;
}

export function comparisonTable(run: Run, comparisons: readonly AttackComparison[]): Html {
  if (comparisons.length === 0)
    return html`<p class="quiet">The run has no two attacks of equal strength.</p>`;
  const paired = (pair: PairedComparison) =>
    pair.n === 0
      ? html`<span class="quiet">none</span>`
      : html`${showPoints(pair.difference)}<small>${showPoints(pair.low)} to ${showPoints(pair.high)}, p ${showProbability(pair.p)}, n ${pair.n}</small>`;
  const line = ({ first, second, fileFooled, photoFooled, destruction }: AttackComparison) => html`<tr>
<td class="text">${title(run, first)} less ${title(run, second)}</td><td>${paired(fileFooled)}</td><td>${paired(photoFooled)}</td>
<td>${showPoints(destruction.value)}<small>${showPoints(destruction.low)} to ${showPoints(destruction.high)}, p ${showProbability(destruction.p)}, n ${destruction.images}</small></td>
<td class="text">${destruction.told ? 'told apart' : 'not told apart'}</td></tr>`;
  return html`<p class="quiet">Differences in points on the same images, with 95% intervals: misclassified files and
photographs (a photographed image counts when at least half of its views fool) by McNemar’s exact test and Newcombe’s
interval, destruction rates by exchanging the attacks within images, with the bootstrap over images for the interval. What is
called told apart is so at 5% over all strengths together (Holm).</p>
<div class="wide"><table><thead><tr><th>attacks</th><th>fooled, files</th><th>fooled, photographs</th><th>destruction rate</th>
<th class="text">destruction</th></tr></thead><tbody>${comparisons.map(line)}</tbody></table></div>`;
}

export function transferTable(run: Run, transfer: readonly PhysicalTransfer[]): Html {
  const line = ({
    file,
    photo,
    destruction,
  }: PhysicalTransfer) => html`<tr><td class="text">${title(run, file.variant)}</td>
<td class="text">${file.target}</td><td>${rate(file.fooled)}</td><td>${rate(photo)}</td><td>${rate(destruction)}</td></tr>`;
  return html`<p class="quiet">The same files and photographs before every model; only images whose clean file a model has
right are counted for it.</p><div class="wide"><table><thead><tr><th>attack</th><th class="text">shown to</th><th>files that fool</th>
<th>photographs that fool</th><th>destruction</th></tr></thead><tbody>${transfer.map(line)}</tbody></table></div>`;
}

export async function captureTable(run: Run): Promise<Html> {
  const captures = await readCaptures(run);
  const line = (
    capture: (typeof captures)[number],
  ) => html`<tr><td class="text">${capture.name}</td><td class="text">${capture.origin}</td>
<td>${capture.sheet ?? ''}</td><td>${capture.angle?.toFixed(1) ?? ''}</td><td>${capture.dpi?.toFixed(0) ?? ''}</td>
<td>${usableCrops(capture).length}/${capture.crops.length}</td>
<td class="text">${[capture.problem ?? [], capture.reasons, capture.decision ?? []].flat().join('; ')}</td></tr>`;
  return html`<div class="wide"><table><thead><tr><th>name</th><th class="text">origin</th><th>sheet</th><th>angle, °</th><th>dpi</th>
<th>crops used</th><th class="text">remarks</th></tr></thead><tbody>${captures.map(line)}</tbody></table></div>`;
}

function rate({ share, successes, n, low, high }: Proportion): Html {
  if (n === 0) return html`<span class="quiet">none</span>`;
  const percent = (value: number) => (100 * value).toFixed(1);
  return html`${percent(share)}%<small>${successes}/${n}, ${percent(low)}–${percent(high)}</small>`;
}

function title({ record }: Run, variant: string): string {
  return record.variants.find(({ key }) => key === variant)?.title ?? variant;
}
