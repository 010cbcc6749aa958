import { join } from 'node:path';
import { writeAtomic } from '../../data/atomic.ts';
import { headline } from '../../experiments/physical/headline.ts';
import type { ModelOutcomes } from '../../experiments/physical/outcomes.ts';
import type { PhysicalResults } from '../../experiments/physical/results.ts';
import { places, type Run } from '../folder.ts';
import { accuracyChart, type ChartRow, destructionChart } from './charts.ts';
import { gallery } from './gallery.ts';
import { Html, html } from './markup.ts';
import { style } from './style.ts';
import { captureTable, comparisonTable, protocolTable, transferTable } from './tables.ts';

/**
 * Writes `report.html`: headline, tables, charts and pictures in one file that stands alone. The outcomes are those
 * that the results were made of. Throws `bad-file`.
 *
 * @returns its path
 */
export async function writeReport(
  run: Run,
  results: PhysicalResults,
  outcomes: readonly ModelOutcomes[],
): Promise<string> {
  const path = join(run.folder, places.report);
  await writeAtomic(path, `<!doctype html>\n${(await page(run, results, outcomes)).text}\n`);
  return path;
}

async function page(run: Run, results: PhysicalResults, outcomes: readonly ModelOutcomes[]): Promise<Html> {
  const { record } = run;
  const [own] = outcomes;
  const pictures = own === undefined ? html`` : await gallery(run, own);
  return html`<html lang="en"><head><meta charset="utf-8"><title>${record.title}</title>
<meta name="viewport" content="width=device-width"><style>${new Html(style)}</style></head><body>
<h1>${record.title}</h1>
<p class="quiet">${facts(run, results)}</p>
${record.notes ? html`<p class="notes">${record.notes}</p>` : html``}
<section class="headline">${headline(run, results).map((line) => html`<p>${line}</p>`)}</section>
${results.warnings.map((line) => html`<p class="wrong">${line}</p>`)}
<h2>Accuracy and destruction</h2>
<p class="quiet">Top-1 and top-5 accuracy on the eight-bit files and on their photographs; share, count and 95% interval
(Wilson; for several photographs of one image at the effective number of observations). Destruction rate: of the
photographs of images that the attack fooled as files, the share classified rightly again (Kurakin, Goodfellow and
Bengio 2017).</p>
${protocolTable(
  run,
  results.rows.filter(({ model }) => model === own?.model),
)}
${charts(run, results, own?.model)}
${behindDefenses(run, results)}
<h2>Comparison</h2>${comparisonTable(run, results.comparisons)}
<h2>Other models and defences</h2>${transferTable(run, results.transfer)}
<h2>Images</h2>${pictures}
<h2>Photographs</h2>${await captureTable(run)}
<h2>How it was made</h2><pre>${JSON.stringify(record.recipe, null, 2)}</pre>
</body></html>`;
}

/** The protocol's table once more for each chain of defences. */
function behindDefenses(run: Run, { rows }: PhysicalResults): Html {
  const chains = [...new Set(rows.flatMap(({ defense }) => defense ?? []))];
  if (chains.length === 0) return html``;
  const tables = chains.map(
    (chain) => html`<h3>${chain}</h3>
${protocolTable(
  run,
  rows.filter(({ defense }) => defense === chain),
)}`,
  );
  return html`<h2>Behind defences</h2>
<p class="quiet">The same files and photographs, through defences that the attacks did not know, before the model that
they were made on. An attack that knows a defence may get through it.</p>${tables}`;
}

function facts({ record }: Run, { captures, run: id }: PhysicalResults): string {
  const [model] = record.models;
  const parts = [
    `run ${id}`,
    record.created.slice(0, 16).replace('T', ' '),
    `examples made on ${record.recipe.model} (${model?.provider ?? ''})`,
    `seed ${record.recipe.seed}`,
    `${captures.used} of ${captures.taken} photographs used, ${captures.crops.used} of ${captures.crops.cut} crops`,
    `Halftone ${record.halftone}`,
  ];
  return parts.join(' · ');
}

function charts({ record }: Run, { rows }: PhysicalResults, model: string | undefined): Html {
  const own = rows
    .filter((row) => row.model === model)
    .flatMap((row): ChartRow[] => {
      const variant = record.variants.find(({ key }) => key === row.variant);
      return variant === undefined ? [] : [{ row, variant }];
    });
  if (own.length === 0) return html``;
  const figure = (svg: string) => html`<figure class="chart">${new Html(svg)}</figure>`;
  return html`<div class="charts">${figure(accuracyChart(own))}${figure(destructionChart(own))}</div>`;
}
