/**
 * The README's pictures of the application, into `docs/pictures/`: the demo's run on the four steps, before a camera
 * that shows its simulated photographs. `node scripts/pictures.ts [--data DIR --run ID]`; without a run that is
 * there the demo is run first, a minute or two.
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { writeY4m } from '../e2e/y4m.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { readPicture } from '../lab/vision/node/pictures.ts';
import { serveWeb } from '../server/web.ts';
import { findChromium, launchChromium } from './browser.ts';
import { finished } from './finished.ts';
import { buildRenderer } from './renderer.ts';
import { root } from './sources.ts';

const folder = join(root, 'docs', 'pictures');

/** What is shown: a page, in a theme, once it has settled. */
const shots: readonly {
  name: string;
  path: string;
  theme: 'light' | 'dark';
  ready: (page: Page) => Promise<void>;
}[] = [
  {
    name: 'bench',
    path: '/bench',
    theme: 'light',
    ready: (page) => page.getByRole('table').first().getByText('%').first().waitFor(),
  },
  {
    name: 'print',
    path: '/print',
    theme: 'light',
    ready: (page) => page.getByRole('button', { name: 'Save PDF' }).waitFor(),
  },
  {
    name: 'capture',
    path: '/capture',
    theme: 'dark',
    ready: (page) => page.getByText('dpi').first().waitFor(),
  },
  {
    name: 'measure',
    path: '/measure',
    theme: 'light',
    ready: (page) => page.getByRole('table').first().getByText('%').first().waitFor(),
  },
];

/** Waiting for models and the finder, on a machine that has other things to do. */
const PATIENCE_MS = 120_000;
const SETTLE_MS = 2_500;

/** The demo, measured in simulation. */
async function runDemo(lab: Lab): Promise<string> {
  const recipe = await lab.readRecipe({ text: await readFile(join(root, 'docs/recipes/demo.yaml'), 'utf8') });
  const { id } = await lab.createRun({ recipe });
  await lab.startRun({ id, until: 'report' });
  await finished(lab, id);
  return id;
}

/** The run's own photographs, each for four seconds. */
async function film(lab: Lab, id: string, file: string): Promise<void> {
  const captures = join((await lab.openRun({ id })).folder, 'captures');
  const names = (await readdir(captures)).filter((name) => name.endsWith('.png')).sort();
  async function* pictures() {
    for (const name of names.slice(0, 2)) yield await readPicture(join(captures, name));
  }
  await writeY4m(file, pictures(), { rate: 5, hold: 20 });
}

async function takeAll(lab: Lab, id: string, scratch: string, executable: string): Promise<void> {
  const file = join(scratch, 'camera.y4m');
  await film(lab, id, file);
  const renderer = await buildRenderer();
  const host = await serveWeb({ lab, files: renderer.folder });
  const browser = await launchChromium(executable, { file });
  try {
    for (const { name, path, theme, ready } of shots) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        colorScheme: theme,
        permissions: ['camera'],
      });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      // No shot is taken, and the camera isn't called by its film's path.
      await page.addInitScript(() => {
        localStorage.setItem('halftone-capture', JSON.stringify({ auto: false }));
        for (const kind of [MediaDeviceInfo, MediaStreamTrack]) {
          Object.defineProperty(kind.prototype, 'label', { get: () => 'Webcam' });
        }
      });
      await page.goto(host.url);
      await page.locator('main').waitFor();
      await page.evaluate((hash) => {
        window.location.hash = hash;
      }, `${path}?run=${id}`);
      await ready(page);
      await page.waitForTimeout(SETTLE_MS);
      const picture = sharp(await page.screenshot());
      await picture
        .png({ palette: true, colours: 64, dither: 0.5, effort: 10 })
        .toFile(join(folder, `${name}.png`));
      process.stdout.write(`${join(folder, `${name}.png`)}\n`);
      await context.close();
    }
  } finally {
    await browser.close();
    await host.close();
    await renderer.remove();
  }
}

const { values } = parseArgs({ options: { data: { type: 'string' }, run: { type: 'string' } } });
const executable = findChromium();
if (executable === undefined) throw new Error('no Chromium on the PATH; name one in CHROMIUM');
await mkdir(folder, { recursive: true });
const scratch = await mkdtemp(join(tmpdir(), 'halftone-pictures-'));
const lab = createLab({ dataDir: values.data ? resolve(values.data) : join(scratch, 'data'), root });
try {
  await takeAll(lab, values.run ?? (await runDemo(lab)), scratch, executable);
} finally {
  await lab.close();
  await rm(scratch, { recursive: true, force: true });
}
