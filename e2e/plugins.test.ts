import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { attackSource, makeArchive, packageText } from '../lab/registry/install/testing.ts';
import {
  choose,
  describeInBrowser,
  eventually,
  goTo,
  type LabInBrowser,
  openLab,
  seriousFindings,
} from './harness.ts';
import { root } from './root.ts';

describeInBrowser('a plugin', () => {
  let lab: LabInBrowser;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());

  it('is installed from its package by the file dialog, and attacks', async () => {
    const page = await lab.visit({ path: '/plugins' });
    const dialog = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a .tgz' }).click();
    await (await dialog).setFiles(join(root, 'fixtures', 'plugins', 'halftone-attack-ni-fgsm-1.0.0.tgz'));
    const question = page.getByRole('dialog').filter({ hasText: 'Install the attack ‘ni-fgsm’?' });
    await question.waitFor();
    expect(await question.textContent()).toMatch(/None of its code has run yet[\s\S]*Checksum/);
    expect(await seriousFindings(page)).toEqual([]);
    await question.getByRole('button').last().click();
    await page.getByRole('row').filter({ hasText: 'ni-fgsm' }).waitFor();

    await goTo(page, '/bench');
    await choose(page, 'Attack 1', 'ni-fgsm');
    await page.context().close();

    const { id } = await lab.lab.createRun({
      recipe: {
        name: 'own',
        model: 'mnist-c',
        data: { set: 'mnist', count: 2 },
        attacks: [{ attack: 'ni-fgsm' }],
      },
    });
    await lab.lab.startRun({ id, until: 'examples' });
    await eventually(async () => (await lab.lab.openRun({ id })).examplesDone).toBe(true);
    expect(lab.complaints).toEqual([]);
  });
});

/** A registry as npm has them, on this machine, with one package in the versions that are published on it. */
class TestRegistry {
  readonly archives = new Map<string, Uint8Array>();
  #server: Server | undefined;
  address = '';
  /** It takes questions and answers none. */
  isSilent = false;

  async open(): Promise<void> {
    this.#server = createServer((request, response) => {
      const file = /([\d.]+)\.tgz$/.exec(request.url ?? '')?.[1];
      if (this.isSilent) return;
      if (file !== undefined) return void response.end(this.archives.get(file));
      if (request.url !== '/halftone-attack-one') return void response.writeHead(404).end('{}');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(this.#document()));
    });
    await new Promise<void>((done) => this.#server!.listen(0, '127.0.0.1', done));
    this.address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  publish(version: string): void {
    const content = packageText('one', { version });
    this.archives.set(
      version,
      makeArchive([
        { path: 'package/package.json', content },
        { path: 'package/index.js', content: attackSource('one') },
      ]),
    );
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((done) => this.#server?.close(done));
  }

  #document() {
    const versions = [...this.archives].map(([version, bytes]) => {
      const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
      const dist = { tarball: `${this.address}one-${version}.tgz`, integrity };
      return [version, { ...JSON.parse(packageText('one', { version })), dist }];
    });
    const latest = [...this.archives.keys()].at(-1);
    return { name: 'halftone-attack-one', 'dist-tags': { latest }, versions: Object.fromEntries(versions) };
  }
}

describeInBrowser('a plugin from elsewhere', () => {
  let lab: LabInBrowser;
  let page: Page;
  let folder: string;
  const registry = new TestRegistry();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'halftone-plugins-'));
    await registry.open();
    registry.publish('1.0.0');
    vi.stubEnv('npm_config_registry', registry.address);
    lab = await openLab();
    page = await lab.visit({ path: '/plugins', width: 1024, height: 700 });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await lab?.close();
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  });

  const fetchIt = async (source: string) => {
    await page.getByLabel('Install from a folder').fill(source);
    await page.keyboard.press('Enter');
  };
  const row = (text: string | RegExp) => page.getByRole('row').filter({ hasText: text });

  it('is installed by its npm name, and updated, and the update is undone', async () => {
    await fetchIt('halftone-attack-one');
    const question = page.getByRole('dialog');
    await question.filter({ hasText: 'Install the attack ‘one’?' }).waitFor();
    expect(await question.textContent()).toContain(`${registry.address}one-1.0.0.tgz`);
    await question.getByRole('button', { name: 'Install one 1.0.0' }).click();
    await row(/one.*1\.0\.0/).waitFor();

    registry.publish('1.1.0');
    await page.getByRole('button', { name: 'Update', exact: true }).click();
    await question.getByRole('button', { name: 'Update from 1.0.0 to 1.1.0' }).click();
    await row(/one.*1\.1\.0/).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(/one.*1\.0\.0/).waitFor();
    expect(lab.complaints).toEqual([]);
  });

  it.skipIf(spawnSync('git', ['--version']).error !== undefined)(
    'is installed from a git address, at a commit that is said',
    async () => {
      const source = join(folder, 'two');
      await mkdir(source);
      await writeFile(join(source, 'package.json'), packageText('two'));
      await writeFile(join(source, 'index.js'), attackSource('two'));
      const git = (...args: string[]) =>
        execFileSync('git', ['-C', source, '-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args]);
      git('init', '-q');
      git('add', '.');
      git('commit', '-q', '-m', 'first');
      await fetchIt(`git+file://${source}`);
      const question = page.getByRole('dialog').filter({ hasText: 'Install the attack ‘two’?' });
      await question.waitFor();
      expect(await question.textContent()).toContain(git('rev-parse', 'HEAD').toString().trim());
      await question.getByRole('button', { name: 'Install two 1.0.0' }).click();
      await row(/two.*1\.0\.0/).waitFor();
      expect(lab.complaints).toEqual([]);
    },
  );

  it('that can’t be had says why', async () => {
    const says = (words: string | RegExp) => page.getByRole('alert').filter({ hasText: words }).waitFor();
    await fetchIt('halftone-attack-nowhere');
    await says(`${new URL(registry.address).host} has no such package`);
    await fetchIt(`git+file://${join(folder, 'nowhere')}`);
    await says(/nowhere can't be fetched: git says: .*not appear to be a git repository/);
    registry.isSilent = true;
    await fetchIt('halftone-attack-one');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Fetching halftone-attack-one').waitFor({ state: 'detached' });
    expect(await page.getByRole('alert').count()).toBe(0);
    await registry.close();
    await fetchIt('halftone-attack-one');
    await says("can't be reached (ECONNREFUSED); is this machine online?");
    expect(lab.complaints).toEqual([]);
  });
});
