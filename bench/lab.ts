/**
 * `node bench/lab.ts [--images 1000] [--seconds 6] [--repeats 5]`
 *
 * The application in a browser: first paint of a window that nobody opened before; frames while a gallery of a
 * thousand images is scrolled from end to end; what a look at one frame of a 1280 × 720 camera takes. On a machine
 * that does nothing else; the load is printed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seeded } from '@halftone/sdk';
import type { Browser, Page } from 'playwright-core';
import { writeY4m } from '../e2e/y4m.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { capture } from '../lab/vision/channel/capture.ts';
import { cameras, printers } from '../lab/vision/channel/presets.ts';
import { printSheet } from '../lab/vision/channel/print.ts';
import { careful, drawView } from '../lab/vision/channel/views.ts';
import { readCellPictures, readSheet } from '../lab/vision/node/sheet-folder.ts';
import { renderSheet } from '../lab/vision/sheet/render.ts';
import { findChromium, launchChromium } from '../scripts/browser.ts';
import { finished } from '../scripts/finished.ts';
import { root } from '../scripts/sources.ts';
import { build, isStale } from '../server/build.ts';
import { serveWeb } from '../server/web.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '6' },
    repeats: { type: 'string', default: '5' },
  },
});
const seconds = Number(values.seconds);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** In words: `12.3 ms median, 20.1 at the 95th percentile, 31.0 at most`. */
function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return `${median(sorted).toFixed(1)} ms median, ${at(0.95).toFixed(1)} at the 95th percentile, ${at(1).toFixed(1)} at most (${sorted.length})`;
}

/** First contentful paint of windows with an empty cache, in ms since the address was entered. */
async function firstPaint(browser: Browser, url: string): Promise<number[]> {
  const times: number[] = [];
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('main h1').first().waitFor();
    times.push(
      await page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      ),
    );
    await context.close();
  }
  return times;
}

/** A run of this many images, with its adversarial ones. */
async function finishedRun(lab: Lab, count: number): Promise<string> {
  const attacks = [{ attack: 'fgsm', set: { epsilon: '0.1' } }];
  const recipe = { name: `of-${count}`, model: 'mnist-c', data: { set: 'mnist', count }, attacks };
  const { id } = await lab.createRun({ recipe });
  await lab.startRun({ id, until: count > 100 ? 'examples' : 'sheets' });
  await finished(lab, id);
  return id;
}

/** How a page is scrolled: pushed from end to end and back, or by a wheel at a steady pace. */
type Way = 'ends' | 'wheel';

/** A turn of the wheel every 50 ms, in pixels: 2,000 a second. */
const TURN = { pixels: 100, everyMs: 50 };

/** Milliseconds between frames while the tallest scrolling part of the page is scrolled. */
async function scrolling(page: Page, way: Way): Promise<number[]> {
  const frames = page.evaluate(framesWhile, { way, span: seconds * 1000 });
  if (way === 'wheel') {
    const { width, height } = page.viewportSize()!;
    await page.mouse.move(width / 2, 0.75 * height);
    for (let turns = 0; turns * TURN.everyMs < seconds * 1000; turns++) {
      await page.mouse.wheel(0, TURN.pixels);
      await page.waitForTimeout(TURN.everyMs);
    }
  }
  return frames;
}

/** In the page: the times between its frames, while it pushes the scroller itself or is scrolled by the wheel. */
async function framesWhile({ way, span }: { way: Way; span: number }): Promise<number[]> {
  const parts = [...document.querySelectorAll<HTMLElement>('main, main *')];
  const rest = (part: HTMLElement) => part.scrollHeight - part.clientHeight;
  const [tallest] = parts.toSorted((a, b) => rest(b) - rest(a));
  if (tallest === undefined || rest(tallest) < 1000) throw new Error('nothing on the page scrolls');
  const far = rest(tallest);
  const times: number[] = [];
  const start = performance.now();
  let last = start;
  for (;;) {
    const now = await new Promise<number>(requestAnimationFrame);
    times.push(now - last);
    last = now;
    const part = (now - start) / span;
    if (part >= 1) return times.slice(2);
    // There and back.
    if (way === 'ends') tallest.scrollTop = far * (1 - Math.abs(1 - 2 * part));
  }
}

/** What this browser can do at best: a page that scrolls as many canvases as the gallery shows, and nothing else. */
async function emptyPage(browser: Browser, canvases: number, tall: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.setContent('<main style="height: 650px; overflow: auto; position: relative"></main>');
  await page.evaluate(
    ({ canvases, tall }) => {
      const main = document.querySelector('main')!;
      const all = document.createElement('div');
      all.style.height = `${tall}px`;
      const sight = document.createElement('div');
      sight.style.cssText = 'position: sticky; top: 0';
      const picture = new ImageData(28, 28);
      picture.data.fill(200);
      for (let i = 0; i < canvases; i++) {
        const canvas = document.createElement('canvas');
        canvas.style.cssText = 'width: 112px; height: 112px; image-rendering: pixelated';
        [canvas.width, canvas.height] = [28, 28];
        sight.append(canvas);
      }
      main.addEventListener('scroll', () => {
        for (const canvas of sight.querySelectorAll('canvas'))
          canvas.getContext('2d', { willReadFrequently: true })!.putImageData(picture, 0, 0);
      });
      all.append(sight);
      main.append(all);
    },
    { canvases, tall },
  );
  return page;
}

/** Scrolls the run's gallery, then an empty page of as many canvases. */
async function scrollGallery(browser: Browser, page: Page): Promise<void> {
  const ways = { ends: 'from end to end and back', wheel: 'by the wheel, 2,000 px a second' } as const;
  const what = `${values.images} images`;
  for (const way of ['ends', 'wheel'] as const)
    say(`between frames, ${what} ${ways[way]}: ${spread(await scrolling(page, way))}`);
  const canvases = await page.locator('[role=option] canvas').count();
  const tall = await page.locator('[role=listbox]').evaluate((list) => list.scrollHeight);
  const empty = await emptyPage(browser, canvases, tall);
  for (const way of ['ends', 'wheel'] as const)
    say(`between frames, ${canvases} bare canvases ${ways[way]}: ${spread(await scrolling(empty, way))}`);
  await empty.close();
}

/** A camera before which a printed sheet is held. */
async function film(lab: Lab, id: string, file: string): Promise<void> {
  const folder = join((await lab.openRun({ id })).folder, 'sheets');
  const sheet = await readSheet(join(folder, 'sheet-1.json'));
  const camera = { ...cameras['webcam-1080p'], width: 1280, height: 720 };
  const random = seeded(1);
  const picture = renderSheet(sheet, await readCellPictures(sheet, folder), 5);
  const print = printSheet(picture, 5, printers['office-laser'], random.derive('print'));
  const view = drawView(sheet.paper, camera, { ...careful, glare: 0 }, random.derive('view'));
  const { frame } = capture(print, sheet, camera, view, random.derive('camera'));
  await writeY4m(file, [frame], { rate: 30, hold: 30 });
}

interface LookTimes {
  readonly reading: number[];
  readonly looking: number[];
}

/** What the finder's worker says of its looks, in ms. */
async function looks(page: Page, url: string, id: string): Promise<LookTimes> {
  await page.addInitScript(() => {
    const times: LookTimes = { reading: [], looking: [] };
    Object.assign(window, { lookTimes: times });
    window.Worker = class extends Worker {
      constructor(script: string | URL, options?: WorkerOptions) {
        super(script, options);
        this.addEventListener('message', ({ data }) => {
          if (data.kind !== 'seen' || !data.seen.look.finding.found) return;
          times.reading.push(data.seen.reading);
          times.looking.push(data.seen.looking);
        });
      }
    };
  });
  await page.goto(url);
  await page.locator('main').waitFor();
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, `/capture?run=${id}`);
  const read = () => page.evaluate(() => (window as unknown as { lookTimes: LookTimes }).lookTimes);
  await page.waitForFunction(
    () => (window as unknown as { lookTimes: LookTimes }).lookTimes.looking.length > 5,
    undefined,
    { timeout: 120_000 },
  );
  await page.waitForTimeout(1000 * seconds);
  const { reading, looking } = await read();
  return { reading: reading.slice(5), looking: looking.slice(5) };
}

async function main(executable: string): Promise<void> {
  if (await isStale(root)) await build(root);
  const folder = await mkdtemp(join(tmpdir(), 'halftone-bench-'));
  const lab = createLab({ dataDir: join(folder, 'data'), root });
  const host = await serveWeb({ lab, files: join(root, 'out', 'renderer') });
  const file = join(folder, 'camera.y4m');
  const browser = await launchChromium(executable, { file });
  try {
    say(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Chromium ${browser.version()}`);
    say(`first paint: ${spread(await firstPaint(browser, host.url))}`);
    const many = await finishedRun(lab, Number(values.images));
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(host.url);
    await page.locator('main').waitFor();
    await page.evaluate((hash) => {
      window.location.hash = hash;
    }, `/bench?run=${many}`);
    await page.getByRole('table').first().getByText('%').first().waitFor({ timeout: 120_000 });
    await scrollGallery(browser, page);
    await page.close();
    const few = await finishedRun(lab, 6);
    await film(lab, few, file);
    const context = await browser.newContext({ permissions: ['camera'] });
    const times = await looks(await context.newPage(), host.url, few);
    say(`a frame of 1280×720, its pixels read: ${spread(times.reading)}`);
    say(`a frame of 1280×720, its sheet found and graded: ${spread(times.looking)}`);
  } finally {
    await browser.close();
    await host.close();
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const executable = findChromium();
if (executable === undefined) throw new Error('no Chromium on the PATH; name one in CHROMIUM');
await main(executable);
