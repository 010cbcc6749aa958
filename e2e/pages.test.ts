import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { allPages } from '../renderer/pages.ts';
import { describeInBrowser, goTo, type LabInBrowser, openLab, seriousFindings } from './harness.ts';
import { root } from './root.ts';

const pages = allPages.filter(({ file }) => existsSync(join(root, 'renderer', 'pages', `${file}Page.vue`)));

describeInBrowser('every page', () => {
  let lab: LabInBrowser;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());
  beforeEach(() => {
    lab.complaints.length = 0;
  });

  it.each(['light', 'dark'] as const)('of an empty lab opens without complaint in %s', async (theme) => {
    const page = await lab.visit({ theme, width: 1024, height: 700 });
    const found: Record<string, string[]> = {};
    for (const { path, title } of pages) {
      await goTo(page, path);
      await page.waitForFunction((words) => document.title.startsWith(words), title);
      await page.waitForTimeout(200);
      const findings = await seriousFindings(page);
      if (findings.length > 0) found[path] = findings;
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      expect(wide, `${path} is wider than its window`).toBe(false);
    }
    expect(found).toEqual({});
    expect(lab.complaints).toEqual([]);
    await page.context().close();
  });
});
