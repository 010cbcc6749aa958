import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { createLab, type Lab } from '../lab/lab.ts';
import { type FakeCamera, findChromium, launchChromium } from '../scripts/browser.ts';
import { serveWeb, type WebHost } from '../server/web.ts';
import { root } from './root.ts';

const chromium = findChromium();

/** How long anything may take on a machine that has other things to do. */
export const PATIENCE_MS = 120_000;

/** A suite that needs a browser: skipped, by name, where none is found. */
export function describeInBrowser(name: string, suite: () => void): void {
  describe.skipIf(chromium === undefined)(`${name}${chromium ? '' : ' (no Chromium on the PATH)'}`, suite);
}

export interface OpenOptions {
  /** What the browser's camera shows; none by default. */
  readonly camera?: FakeCamera;
  /** Brings what the lab's folder holds at first. */
  readonly prepare?: (dataDir: string) => Promise<void>;
}

/** How a window is opened. */
export interface VisitOptions {
  readonly path?: string;
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** Whether the person lets the page have the camera; refused by default. */
  readonly camera?: boolean;
}

/** A lab on an empty folder, its web host, and a browser. */
export interface LabInBrowser {
  readonly dataDir: string;
  readonly lab: Lab;
  readonly host: WebHost;
  /** Errors and warnings of all pages' consoles so far. */
  readonly complaints: string[];
  /** A new window, of a person of its own, on a page of the application: `/bench`. */
  visit(options?: VisitOptions): Promise<Page>;
  /** Ends the lab and its host as if the process had been killed, then starts both again where they were. */
  restart(between?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Starts all of it. The renderer has to be built: `setup.ts` does. */
export async function openLab({ camera, prepare }: OpenOptions = {}): Promise<LabInBrowser> {
  const dataDir = await mkdtemp(join(tmpdir(), 'halftone-e2e-'));
  await prepare?.(dataDir);
  const files = process.env.RENDERER ?? join(root, 'out', 'renderer');
  let lab = createLab({ dataDir, root });
  let host = await serveWeb({ lab, files });
  const browser = await launchChromium(chromium!, camera);
  const complaints: string[] = [];
  const endLab = async () => {
    await host.close();
    await lab.close();
  };
  return {
    dataDir,
    get lab() {
      return lab;
    },
    get host() {
      return host;
    },
    complaints,
    visit: (options) => visit(browser, host.url, complaints, options),
    async restart(between) {
      const { port } = host;
      const token = new URL(host.url).hash.slice('#token='.length);
      await endLab();
      await between?.();
      lab = createLab({ dataDir, root });
      host = await serveWeb({ lab, files, port, token });
    },
    async close() {
      await browser.close();
      await endLab();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function visit(
  browser: Browser,
  url: string,
  complaints: string[],
  { path = '/', theme = 'light', width = 1440, height = 900, camera = false }: VisitOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    permissions: camera ? ['camera'] : [],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  listen(context, page, complaints);
  await page.goto(url);
  await page.locator('main').waitFor();
  if (path !== '/') await goTo(page, path);
  return page;
}

function listen(context: BrowserContext, page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
}

/** Goes to another page as a link would. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, path);
  await page.waitForFunction((start) => window.location.hash.startsWith(`#${start}`), path);
}

/** Chooses an entry of a combobox by its name. */
export async function choose(page: Page, label: string, entry: string): Promise<void> {
  const box = page.getByRole('combobox', { name: label, exact: true });
  await box.click();
  await box.fill(entry);
  await page.getByRole('option', { name: entry }).first().click();
}

/** What axe found on the page as it stands, of serious and critical impact: `rule: target`. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // The driver's own evaluation: no script element, which the page's policy would stop.
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run(document));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

declare global {
  interface Window {
    readonly axe: typeof import('axe-core');
  }
}

/** Asks again and again until the answer is as it should be, or time is up. */
export function eventually<T>(ask: () => Promise<T>, timeout = PATIENCE_MS) {
  return expect.poll(ask, { timeout, interval: 100 });
}
