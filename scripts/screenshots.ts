/**
 * Pictures of every page, in both themes and two sizes, into `screenshots/` (not committed).
 * `node scripts/screenshots.ts [--data DIR] [--image FILE]`: with an image, it is classified by the first model.
 */
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { createLab } from '../lab/lab.ts';
import { serveWeb } from '../server/web.ts';
import { findChromium, launchChromium } from './browser.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'screenshots');
const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];

async function visit(page: Page, image: string | undefined, name: string): Promise<void> {
  await page.getByRole('heading', { name: 'Models' }).waitFor();
  if (image) {
    await page.locator('section input[type=file]').setInputFiles(image);
    await page.locator('section li, section [role=alert]').first().waitFor();
  }
  await page.screenshot({ path: join(folder, `models-${name}.png`) });
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('rowheader').first().waitFor();
  await page.screenshot({ path: join(folder, `settings-${name}.png`) });
}

const { values } = parseArgs({ options: { data: { type: 'string' }, image: { type: 'string' } } });
const executable = findChromium();
if (executable === undefined) throw new Error('no Chromium on the PATH; name one in CHROMIUM');
await mkdir(folder, { recursive: true });
const lab = createLab({ dataDir: values.data ?? join(tmpdir(), 'halftone-screenshots'), root });
const host = await serveWeb({ lab, files: join(root, 'out', 'renderer') });
const browser = await launchChromium(executable);
for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of sizes) {
    const page = await browser.newPage({ viewport, colorScheme });
    page.on('console', (message) => process.stderr.write(`${message.type()}: ${message.text()}\n`));
    await page.goto(host.url);
    await visit(page, values.image, `${viewport.width}-${colorScheme}`);
    await page.close();
  }
}
await browser.close();
await host.close();
await lab.close();
