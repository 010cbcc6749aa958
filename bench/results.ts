import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { TorchVersions } from './peer.ts';

/** `RESULTS.md`: a section for each comparison, each beginning with its heading. */

const PATH = join(import.meta.dirname, 'RESULTS.md');

/** Puts a section (`# …` first) in the place of the one with the same heading, or at the end. */
export async function writeSection(section: string): Promise<void> {
  const headingOf = (text: string) => text.slice(0, text.indexOf('\n'));
  const before = await readFile(PATH, 'utf8').catch(() => '');
  const sections = before.split(/^(?=# )/m).filter((text) => text !== '');
  const place = sections.findIndex((text) => headingOf(text) === headingOf(section));
  if (place === -1) sections.push(section);
  else sections[place] = section;
  await writeFile(PATH, `${sections.map((text) => text.trimEnd()).join('\n\n')}\n`);
}

/** When and on what was measured, in a line. */
export function circumstances(versions: TorchVersions): string {
  const ort = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return (
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim() ?? 'unknown CPU'} (${cpus().length} logical cores), ` +
    `Node ${process.versions.node}, onnxruntime-node ${ort.version}, PyTorch ${versions.torch}` +
    `${versions.onednn ? ' with oneDNN' : ''}${versions.torchvision ? `, torchvision ${versions.torchvision}` : ''} ` +
    `(its matrix product: ${versions.gemmGflops.toFixed(0)} GFLOP/s).`
  );
}

/** A line of a Markdown table. */
export function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Other people's work on the cores hurts the two sides unequally: PyTorch waits for all its threads at each operator. */
export function warnWhenBusy(): void {
  const load = loadavg()[0] ?? 0;
  if (load <= availableParallelism() / 2) return;
  console.error(
    `the machine is busy (load ${load.toFixed(1)}): the ratios will mislead; run again when it is quiet`,
  );
}
