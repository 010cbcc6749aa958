/**
 * Pictures of the renderer's pages as they are now, in both themes and two sizes, into `screenshots/` (not
 * committed). `node scripts/screenshots.ts --help` lists the options. Ends with 1 where a page complained in its
 * console.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { createLab } from '../lab/lab.ts';
import { allPages } from '../renderer/pages.ts';
import { serveWeb } from '../server/web.ts';
import { findChromium, launchChromium } from './browser.ts';
import { buildRenderer } from './renderer.ts';
import { root } from './sources.ts';

const help = `Pictures of the renderer's pages, built from the sources as they are.

  --pages LIST    pages by name or address, with commas: bench,runs,/runs?compare=a (default: all there are)
  --run ID        the run that is open
  --data DIR      the lab's folder (default: an empty one, removed afterwards)
  --out DIR       where the pictures go (default: screenshots/)
  --themes LIST   light,dark
  --sizes LIST    1440x900,1024x700
  --camera FILE   a .y4m whose frames the camera shows, or 'pattern'
  --steps FILE    a module whose default export, async (page, { name, theme, width }) => …, brings the page to
                  the state to be shown; playwright-core's Page
  --wait MS       how long a page gets to settle (default: 600)
`;

/** What a `--steps` module exports. */
type Steps = (page: Page, shot: { name: string; theme: string; width: number }) => Promise<void>;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean' },
    pages: { type: 'string' },
    run: { type: 'string' },
    data: { type: 'string' },
    out: { type: 'string', default: join(root, 'screenshots') },
    themes: { type: 'string', default: 'light,dark' },
    sizes: { type: 'string', default: '1440x900,1024x700' },
    camera: { type: 'string' },
    steps: { type: 'string' },
    wait: { type: 'string', default: '600' },
  },
});

/** Addresses of the pages to show, by name. */
function addresses(): Map<string, string> {
  const there = allPages.filter(({ file }) => existsSync(join(root, 'renderer', 'pages', `${file}Page.vue`)));
  const wanted = values.pages?.split(',') ?? there.map(({ path }) => path.slice(1));
  return new Map(
    wanted.map((page) => {
      const path = page.startsWith('/') ? page : `/${page}`;
      const query = values.run
        ? `${path.includes('?') ? '&' : '?'}run=${encodeURIComponent(values.run)}`
        : '';
      return [path.slice(1).replaceAll(/[^\w-]+/g, '-'), `${path}${query}`];
    }),
  );
}

async function picture(page: Page, name: string, address: string, theme: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 0;
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, address);
  await page.waitForTimeout(Number(values.wait));
  if (values.steps !== undefined) {
    const { default: steps } = (await import(pathToFileURL(resolve(values.steps)).href)) as {
      default: Steps;
    };
    await steps(page, { name, theme, width });
  }
  const file = join(values.out, `${name}-${width}-${theme}.png`);
  await page.screenshot({ path: file });
  process.stdout.write(`${file}\n`);
}

async function takeAll(executable: string, dataDir: string): Promise<number> {
  const camera = values.camera;
  const renderer = await buildRenderer();
  const lab = createLab({ dataDir, root });
  const host = await serveWeb({ lab, files: renderer.folder });
  const browser = await launchChromium(
    executable,
    camera === undefined ? 'none' : camera === 'pattern' ? camera : { file: resolve(camera) },
  );
  let complaints = 0;
  const complain = (words: string) => {
    complaints++;
    process.stderr.write(`${words}\n`);
  };
  try {
    for (const theme of values.themes.split(',')) {
      for (const size of values.sizes.split(',')) {
        const [width = 1440, height = 900] = size.split('x').map(Number);
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme: theme === 'dark' ? 'dark' : 'light',
          permissions: camera === undefined ? [] : ['camera'],
        });
        const page = await context.newPage();
        page.on('console', (message) => {
          if (['error', 'warning'].includes(message.type())) complain(`${message.type()}: ${message.text()}`);
        });
        page.on('pageerror', (error) => complain(`error: ${error.message}`));
        await page.goto(host.url);
        await page.locator('main').waitFor();
        for (const [name, address] of addresses()) await picture(page, name, address, theme);
        await context.close();
      }
    }
  } finally {
    await browser.close();
    await host.close();
    await lab.close();
    await renderer.remove();
  }
  return complaints;
}

async function main(): Promise<void> {
  const executable = findChromium();
  if (executable === undefined) throw new Error('no Chromium on the PATH; name one in CHROMIUM');
  await mkdir(values.out, { recursive: true });
  const empty =
    values.data === undefined ? await mkdtemp(join(tmpdir(), 'halftone-screenshots-')) : undefined;
  try {
    process.exitCode = (await takeAll(executable, empty ?? resolve(values.data!))) > 0 ? 1 : 0;
  } finally {
    if (empty !== undefined) await rm(empty, { recursive: true, force: true });
  }
}

if (values.help) process.stdout.write(help);
else await main();
