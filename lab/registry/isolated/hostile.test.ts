import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Attack, HalftoneError } from '@halftone/sdk';
import { afterAll, expect, test, vi } from 'vitest';
import { runAttack } from '../attack-host.ts';
import { type EndReport, type Isolated, type Limits, openIsolated } from './index.ts';
import { ConfinedProcess } from './process.ts';
import { choicesOf, fixturePlugin, smallRequest } from './testing.ts';

vi.setConfig({ testTimeout: 120_000 });

const ended: EndReport[] = [];
const opened = new Map<string, Isolated>();
afterAll(() => {
  for (const isolated of opened.values()) isolated.close();
});

/** Opened once for the same limits: a plugin whose process was ended gets another one when it is run again. */
async function openHostile(limits: Partial<Limits> = {}): Promise<Attack> {
  ended.length = 0;
  const key = JSON.stringify(limits);
  const onEnd = (report: EndReport) => ended.push(report);
  const isolated =
    opened.get(key) ?? (await openIsolated({ ...(await fixturePlugin('hostile')), limits, onEnd }));
  opened.set(key, isolated);
  return isolated.plugin as Attack;
}

async function attempt(
  attack: Attack,
  trick: string,
  signal?: AbortSignal,
): Promise<HalftoneError | undefined> {
  const request = { ...smallRequest(), attack, parameters: { trick } };
  return runAttack({ ...request, ...(signal === undefined ? {} : { signal }) }).then(
    () => undefined,
    (error: HalftoneError) => error,
  );
}

const patience = { silenceMs: 500 };
const little = { memoryMiB: 400 };

const violent: [string, RegExp, Partial<Limits>][] = [
  ['exit', /ended by itself with code 3/, {}],
  ['abort', /it crashed \(SIGABRT\)|ended by itself/, {}],
  ['error nobody catches', /it wrote: Error: out of the blue/, {}],
  ['endless loop', /neither asked nor got further for 0\.5 s/, patience],
  ['endless promises', /neither asked nor got further for 0\.5 s/, patience],
  ['promise never kept', /neither asked nor got further for 0\.5 s/, patience],
  ['no answer at all', /ended by itself with code 13/, {}],
  ['heap bomb', /memory/i, little],
  ['array bomb', /memory|allocation failed/i, little],
  ['memory bomb in WebAssembly', /memory|allocate/i, little],
  ['flood of progress', /neither asked nor got further for 0\.5 s/, patience],
  ['flood of images', /neither asked nor got further for 0\.5 s/, patience],
  ['flood of log', /more than 1 MiB of log/, { logBytes: 1 << 20 }],
  ['progress that is no number', /sent a message that is none/, {}],
  ['progress of a trap', /sent a message that is none/, {}],
  ['images of another size', /sent images of 1×9×9×3, the model takes 2×2×3/, {}],
  ['images that are none', /sent images of 1×2×2×3/, {}],
  ['a shape with a prototype', /sent a message that is none/, {}],
];

test('what a plugin must not reach is refused, and the plugin lives on', async () => {
  const attack = await openHostile();
  const all = choicesOf(attack, 'trick');
  const harmless = ['nothing', 'environment'];
  const survived = ['deep recursion', 'result that is none'];
  const crimes = all.filter((trick) => !violent.some(([name]) => name === trick));
  expect(crimes.length).toBeGreaterThan(40);
  for (const trick of crimes) {
    const error = await attempt(attack, trick);
    if (harmless.includes(trick)) expect({ trick, error }).toEqual({ trick, error: undefined });
    else
      expect({ trick, code: error?.code, loot: /LOOT/.test(error?.message ?? '') }).toEqual({
        trick,
        code: 'bad-plugin',
        loot: false,
      });
  }
  expect(crimes).toEqual(expect.arrayContaining([...harmless, ...survived]));
  expect(ended).toEqual([]);
  expect(existsSync(fileURLToPath(new URL('../../../out.txt', import.meta.url)))).toBe(false);
});

test.each(violent)(
  '$0 ends the process with a report, and the lab goes on',
  async (trick, message, limits) => {
    const attack = await openHostile(limits);
    const error = await attempt(attack, trick);
    expect(error).toMatchObject({ code: 'bad-plugin', message: expect.stringMatching(message) });
    expect(error!.message).toMatch(/^plugin 'hostile' was ended: /);
    expect(ended).toHaveLength(1);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  },
);

test('a run that is cancelled ends an endless loop at once', async () => {
  const attack = await openHostile();
  const abort = new AbortController();
  const running = attempt(attack, 'endless loop', abort.signal);
  setTimeout(() => abort.abort(), 300);
  expect(await running).toMatchObject({ code: 'cancelled' });
  expect(ended).toEqual([]);
  expect(await attempt(attack, 'nothing')).toBeUndefined();
});

const talker = fileURLToPath(new URL('../../../fixtures/plugins/hostile/talker.mjs', import.meta.url));
const limits: Limits = {
  memoryMiB: 512,
  silenceMs: 20_000,
  startMs: 20_000,
  noticesPerSecond: 100,
  logBytes: 1 << 20,
};

test.each([
  ['no JSON', /a header that is not JSON/],
  ['prototype in the header', /a message that is none: .*__proto__/],
  ['prototype in the arrays', /a message that is none/],
  ['unknown message', /a message that is none/],
  ['huge header', /a header of 4294967280 bytes/],
  ['huge arrays', /sent 3815 MiB at once, 1 are the most/],
  ['other arrays than announced', /announced other arrays than it sent/],
  ['lengths below zero', /a message that is none/],
  ['a flood', /flooded the lab with messages, more than 100 in a second/],
  ['two questions at once', /asked again before it was answered/],
  ['a right it has not', /asked for logits, which it has no right to/],
])('a process that has left its walls and sends %s is ended', async (trick, message) => {
  const process_ = new ConfinedProcess(
    'talker',
    { program: process.execPath, args: [talker, trick], env: {} },
    limits,
    () => {},
  );
  const load = {
    type: 'load',
    name: 'x',
    kind: 'attack',
    entry: '',
    folder: '',
    roots: [],
    provided: {},
    tensors: false,
  } as const;
  await process_.order(load, [], { mostBytes: 0 });
  const order = process_.order({ type: 'release', handle: 1 }, [], {
    mostBytes: 1 << 20,
    ...(trick === 'a right it has not' ? {} : { answer: () => new Promise(() => {}) }),
  });
  await expect(order).rejects.toMatchObject({ code: 'bad-plugin', message: expect.stringMatching(message) });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(process_.alive).toBe(false);
});
