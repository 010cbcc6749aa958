import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import type { LabApi } from '../lab/api.ts';
import { dialogs } from './choices.ts';
import { createLife } from './lab-life.ts';
import { followJobs, leavingQuestion } from './leaving.ts';
import { commandsOf, menuTemplate } from './menu.ts';
import { askedFile, choiceSchema, savingSchema } from './messages.ts';
import { documentMayRequest, HOME, isOwnAddress, mayRequest, pathOf } from './navigation.ts';
import { grants, holds } from './permissions.ts';
import { labRoot } from './places.ts';
import { openingBounds, parseState } from './window-state.ts';

describe('addresses', () => {
  it('of our own are served by their path', () => {
    expect(pathOf(HOME)).toBe('/index.html');
    expect(pathOf('halftone://app/assets/a.js?x#y')).toBe('/assets/a.js');
  });

  it.each([
    'https://example.org/',
    'file:///etc/passwd',
    'halftone://other/index.html',
    'halftone://app@example.org/',
    'halftone:app',
    'javascript:alert(1)',
    '',
  ])('like %s are refused', (address) => {
    expect(isOwnAddress(address)).toBe(false);
    expect(pathOf(address)).toBeUndefined();
  });
});

describe('requests', () => {
  it('of the application stay within it', () => {
    expect(mayRequest('halftone://app/assets/a.js')).toBe(true);
    expect(mayRequest('blob:halftone://app/1')).toBe(true);
    for (const address of ['https://example.org/', 'file:///etc/passwd', 'halftone://run/a/report.html']) {
      expect(mayRequest(address)).toBe(false);
    }
  });

  it('of a document are for itself', () => {
    const shown = new Set(['halftone://run/a/report.html']);
    expect(documentMayRequest('halftone://run/a/report.html', shown)).toBe(true);
    expect(documentMayRequest('data:image/png;base64,AA', shown)).toBe(true);
    for (const address of [
      'halftone://run/b/report.html',
      'halftone://app/index.html',
      'file:///etc/passwd',
    ]) {
      expect(documentMayRequest(address, shown)).toBe(false);
    }
  });
});

describe('what a page asks of the shell', () => {
  it('is a file within a run', () => {
    const file = { id: 'a run', path: 'sheets/sheets.pdf' };
    expect(askedFile(file)).toEqual(file);
  });

  it.each([
    { id: '..', path: 'report.html' },
    { id: 'a', path: '../b/report.html' },
    { id: 'a', path: '/etc/passwd.txt' },
    { id: 'a', path: 'x\\..\\report.html' },
    { id: 'a/b', path: 'report.html' },
    { id: 'a', path: 'program.exe' },
    { id: 'a', path: 'report.html', more: 1 },
    { id: 'a' },
    'report.html',
    undefined,
  ])('is refused as %j', (request) => {
    expect(() => askedFile(request)).toThrow();
  });

  it('is saved under a name without folders', () => {
    const saving = { id: 'a', path: 'report.html', name: 'report.pdf' };
    expect(savingSchema.parse(saving)).toEqual(saving);
    for (const name of ['../report.pdf', '/etc/cron.d/x', 'C:x', '.profile', '']) {
      expect(savingSchema.safeParse({ ...saving, name }).success).toBe(false);
    }
  });

  it('is one of the things there are dialogs for', () => {
    expect(Object.keys(dialogs).sort()).toEqual([...choiceSchema.options].sort());
    expect(choiceSchema.safeParse('anything').success).toBe(false);
  });
});

describe('the menu', () => {
  const templateOn = (platform: NodeJS.Platform, sent: string[] = []) =>
    menuTemplate({ platform, send: (command) => sent.push(command) });
  const flat = (items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);

  it('sends commands of the page', () => {
    const sent: string[] = [];
    for (const { click } of flat(templateOn('linux', sent))) {
      click?.(undefined as never, undefined as never, undefined as never);
    }
    expect(sent).toEqual(commandsOf(templateOn('linux')));
    expect(sent).toContain('bench.new');
    expect(sent).toContain('go.Runs');
  });

  it.each(['linux', 'win32', 'darwin'] as const)('gives each key once on %s', (platform) => {
    const keys = flat(templateOn(platform)).flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining(['CmdOrCtrl+1', 'CmdOrCtrl+9', 'CmdOrCtrl+P']));
  });

  it('ends the application where the platform’s users look for it', () => {
    const roles = (platform: NodeJS.Platform) => flat(templateOn(platform)).flatMap(({ role }) => role ?? []);
    expect(roles('linux')).toContain('quit');
    expect(roles('darwin')).toEqual(expect.arrayContaining(['appMenu', 'windowMenu', 'close']));
  });
});

describe('permissions', () => {
  const camera = { permission: 'media', from: HOME, mediaTypes: ['video'] };

  it('are the camera for our own page, its clipboard’s other end, and the whole screen', () => {
    expect(grants(camera)).toBe(true);
    expect(grants({ permission: 'clipboard-sanitized-write', from: HOME })).toBe(true);
    expect(grants({ permission: 'fullscreen', from: HOME })).toBe(true);
  });

  it('are told as held where a page asks how things stand with the camera', () => {
    for (const mediaTypes of [['video'], ['unknown'], []]) {
      expect(holds({ ...camera, mediaTypes })).toBe(true);
      expect(holds({ ...camera, mediaTypes, from: 'https://example.org/' })).toBe(false);
    }
    expect(holds({ ...camera, mediaTypes: ['audio'] })).toBe(false);
    expect(holds({ permission: 'geolocation', from: HOME })).toBe(false);
  });

  it.each([
    { ...camera, from: 'https://example.org/' },
    { ...camera, mediaTypes: ['video', 'audio'] },
    { ...camera, mediaTypes: [] },
    { permission: 'media', from: HOME },
    { ...camera, permission: 'geolocation' },
    { permission: 'clipboard-read', from: HOME },
    { permission: 'fullscreen', from: 'halftone://run/a/report.html' },
    { ...camera, permission: 'notifications' },
    { ...camera, permission: 'openExternal' },
  ])('are never %j', (request) => {
    expect(grants(request)).toBe(false);
  });
});

describe('the window opens', () => {
  const main = { x: 0, y: 0, width: 1920, height: 1040 };
  const second = { x: 1920, y: 0, width: 1280, height: 1024 };
  const kept = (x: number, y: number, width = 1200, height = 800) => ({
    bounds: { x, y, width, height },
    maximized: false,
  });

  it('centred at first', () => {
    expect(openingBounds(undefined, [main])).toEqual({ x: 240, y: 70, width: 1440, height: 900 });
  });

  it('where it was, on either screen', () => {
    expect(openingBounds(kept(50, 60), [main, second])).toEqual({ x: 50, y: 60, width: 1200, height: 800 });
    expect(openingBounds(kept(1930, 10), [main, second])).toMatchObject({ x: 1930, y: 10 });
  });

  it('centred again when its screen is gone or it can’t be held', () => {
    for (const lost of [kept(1930, 10), kept(-1190, 0), kept(0, -500), kept(0, 1030)]) {
      expect(openingBounds(lost, [main])).toMatchObject({ x: 240, y: 70 });
    }
  });

  it('no smaller than the interface and no larger than the screen', () => {
    expect(openingBounds(kept(0, 0, 200, 100), [main])).toMatchObject({ width: 1024, height: 700 });
    expect(openingBounds(kept(0, 0, 9000, 9000), [main])).toMatchObject({ width: 1920, height: 1040 });
  });

  it('as at first after a damaged file', () => {
    for (const text of ['', '{', '{}', '{"bounds":{"x":"1"},"maximized":true}', 'null']) {
      expect(parseState(text)).toBeUndefined();
    }
    expect(parseState(JSON.stringify(kept(1, 2)))).toEqual(kept(1, 2));
  });
});

it('the lab runs beside the archive that an installed application is in', () => {
  expect(labRoot('/opt/Halftone/resources/app.asar')).toBe('/opt/Halftone/resources/app.asar.unpacked');
  expect(labRoot('/home/a/halftone')).toBe('/home/a/halftone');
});

describe('a lab that ends', () => {
  it('is started again, but not for ever', () => {
    const life = createLife();
    expect([0, 1_000, 2_000].map((now) => life.mayRestart(now))).toEqual([true, true, false]);
  });

  it('is started again when the ends lie far apart', () => {
    const life = createLife();
    expect([0, 40_000, 80_000, 120_000].map((now) => life.mayRestart(now))).toEqual([true, true, true, true]);
  });
});

describe('leaving', () => {
  const job = { id: '1', kind: 'run', subject: 'a', title: 'a run', done: 0, total: 0, started: '' } as const;

  it('is asked about while something is at work, and not otherwise', () => {
    expect(leavingQuestion([])).toBeUndefined();
    expect(leavingQuestion([{ ...job, state: 'done' }])).toBeUndefined();
    expect(leavingQuestion([{ ...job, state: 'running' }])?.message).toBe('‘a run’ is at work. Quit?');
    const two = leavingQuestion([
      { ...job, state: 'running' },
      { ...job, state: 'queued' },
    ]);
    expect(two?.message).toBe('2 jobs are at work. Quit?');
  });

  it('knows the jobs, and that none is at work when the lab has ended', async () => {
    let end: (error: Error) => void = () => undefined;
    const watch = async ({ since }: { since: number }) => {
      if (since === 0) return { version: 1, jobs: [{ ...job, state: 'running' as const }], topics: {} };
      return new Promise<never>((_resolve, reject) => {
        end = reject;
      });
    };
    const jobs = followJobs(() => ({ watch }) as unknown as LabApi);
    await vi.waitFor(() => expect(jobs()).toHaveLength(1));
    end(new Error('closed'));
    await vi.waitFor(() => expect(jobs()).toEqual([]));
  });
});
