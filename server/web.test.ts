import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectLab } from '../lab/api/client.ts';
import type { LabApi } from '../lab/api/contract.ts';
import { socketChannel } from '../lab/api/wire.ts';
import { serveWeb, type WebHost } from './web.ts';

const token = 'the-token';
let folder: string;
let host: WebHost;
let own: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halftone-web-'));
  await writeFile(join(folder, 'secret.json'), '{}');
  const files = await mkdtemp(join(folder, 'files-'));
  await writeFile(join(files, 'index.html'), '<p>page</p>');
  await mkdir(join(files, 'assets'));
  for (const name of ['finder-worker-Ab1.js', 'index-Ab1.js'])
    await writeFile(join(files, 'assets', name), '');
  const lab = { listModels: async () => [], runFile } as unknown as LabApi;
  host = await serveWeb({ lab, files, token });
  own = `127.0.0.1:${host.port}`;
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

/** The lab's: it answers for two files of one run. */
async function runFile({ id, path }: { id: string; path: string }): Promise<Uint8Array> {
  if (id !== 'a run' || !['report.html', 'sheets/a&b.pdf'].includes(path)) throw new Error('not found');
  return new TextEncoder().encode(path);
}

/** A request as no browser would let a page make it: any header, any path. */
function ask(path: string, { method = 'GET', headers = {} as Record<string, string> } = {}) {
  return new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>(
    (resolve, reject) => {
      const sent = request({
        port: host.port,
        host: '127.0.0.1',
        path,
        method,
        headers: { host: own, ...headers },
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode!, body, headers: response.headers }));
      });
      sent.end();
    },
  );
}

describe('pages', () => {
  it('are served with the policy that keeps them to themselves', async () => {
    const { status, body, headers } = await ask('/');
    expect([status, body]).toEqual([200, '<p>page</p>']);
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://${own}`);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  it.each(['example.org', 'example.org:80', '127.0.0.1', '127.0.0.1:1'])(
    'are refused to Host %s',
    async (name) => {
      expect(await ask('/', { headers: { host: name } })).toMatchObject({ status: 403 });
    },
  );

  it.each(['http://example.org', 'null', 'http://127.0.0.1:1'])(
    'are refused to Origin %s',
    async (origin) => {
      expect(await ask('/', { headers: { origin } })).toMatchObject({ status: 403 });
      expect(await ask('/', { headers: { origin: `http://${own}` } })).toMatchObject({ status: 200 });
    },
  );

  it.each(['/../secret.json', '/%2e%2e/secret.json', '/..%2fsecret.json', '/missing.js', '/%'])(
    'do not come from %s',
    async (path) => {
      expect(await ask(path)).toMatchObject({ status: 404, body: 'not found\n' });
    },
  );

  it('are asked for again each time, but for what is named by its content', async () => {
    expect((await ask('/')).headers['cache-control']).toBe('no-cache');
    expect((await ask('/assets/index-Ab1.js')).headers['cache-control']).toContain('immutable');
    expect((await ask('/assets/missing-Ab1.js')).headers['cache-control']).toBe('no-cache');
  });

  it('take no writing', async () => {
    expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405 });
  });

  it('say whether a token is right', async () => {
    expect(await ask('/session', { headers: { authorization: `Bearer ${token}` } })).toMatchObject({
      status: 204,
    });
    expect(await ask('/session', { headers: { authorization: 'Bearer no' } })).toMatchObject({ status: 401 });
    expect(await ask('/session')).toMatchObject({ status: 401 });
  });
});

describe('workers', () => {
  it('alone may compile, and ask for nothing beyond their scripts', async () => {
    const { headers } = await ask('/assets/finder-worker-Ab1.js');
    expect(headers['content-security-policy']).toBe("default-src 'none'; script-src 'self' 'unsafe-eval'");
    for (const path of [
      '/',
      '/assets/index-Ab1.js',
      '/x/assets/a-worker-b.js',
      '/assets/missing-worker.js',
    ]) {
      expect((await ask(path)).headers['content-security-policy']).not.toContain('unsafe');
    }
  });
});

describe('a file of a run', () => {
  const withToken = { authorization: `Bearer ${token}` };
  const linkTo = (address: string, headers: Record<string, string> = withToken) =>
    ask(`/run-links/${address}`, { headers });

  it('opens by its link, with a policy of its own', async () => {
    const report = await ask((await linkTo('a%20run/report.html')).body);
    expect(report).toMatchObject({ status: 200, body: 'report.html' });
    expect(report.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(report.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'; img-src data:;/,
    );
    const pdf = await ask((await linkTo('a%20run/sheets/a%26b.pdf')).body);
    expect(pdf).toMatchObject({ status: 200, body: 'sheets/a&b.pdf' });
    expect(pdf.headers['content-type']).toBe('application/pdf');
  });

  it('has no link for one without the token', async () => {
    expect(await linkTo('a%20run/report.html', {})).toMatchObject({ status: 401 });
    expect(await linkTo('a%20run/report.html', { authorization: 'Bearer no' })).toMatchObject({
      status: 401,
    });
    const origin = 'http://example.org';
    expect(await linkTo('a%20run/report.html', { ...withToken, origin })).toMatchObject({ status: 403 });
  });

  it.each([
    '../report.html',
    'a%20run/../report.html',
    'a%20run/%2e%2e/report.html',
    'a%20run/..%2freport.html',
    'a%20run/..%5creport.html',
    'a%20run/.hidden/report.html',
    '%2e%2e/report.html',
    'a%2frun/report.html',
    'a%20run//report.html',
    'a%20run/a%00.html',
    'a%20run/C:/report.html',
    'a%20run/%',
    'a%20run/program.js',
    'a%20run/drawing.svg',
    'a%20run',
    '',
  ])('has no link by %s', async (address) => {
    expect(await linkTo(address)).toMatchObject({ status: 404 });
  });

  it('opens by its own link alone', async () => {
    const { body: link } = await linkTo('a%20run/report.html');
    const signed = link.slice(0, '/runs/'.length + 43);
    const another = signed.endsWith('A') ? `${signed.slice(0, -1)}E` : `${signed.slice(0, -1)}A`;
    for (const path of [
      `${signed}/a%20run/sheets/a%26b.pdf`,
      `${signed}/a%20run/../report.html`,
      `${another}/a%20run/report.html`,
      '/runs/a%20run/report.html',
      '/runs/',
    ]) {
      expect(await ask(path)).toMatchObject({ status: 404, body: 'not found\n' });
    }
    expect(await ask(link, { headers: { host: 'example.org' } })).toMatchObject({ status: 403 });
  });

  it('that the lab has not is not found', async () => {
    expect(await ask((await linkTo('a%20run/none.html')).body)).toMatchObject({ status: 404 });
  });
});

interface Knock {
  path?: string;
  protocols?: string[];
  origin?: string | undefined;
  headers?: Record<string, string>;
}

/** Opens a socket; gives back the socket, or the status that it was refused with. */
function knock({
  path = '/lab',
  protocols = ['halftone', token],
  origin = `http://${own}`,
  headers = {},
}: Knock = {}) {
  const socket = new WebSocket(`ws://${own}${path}`, protocols, { ...(origin ? { origin } : {}), headers });
  return new Promise<WebSocket | number>((resolve) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => undefined);
  });
}

describe('the socket', () => {
  it('reaches the lab with the token, which is not sent back', async () => {
    const socket = await knock();
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
    expect(socket.protocol).toBe('halftone');
    const { lab } = connectLab(socketChannel(socket as never));
    expect(await lab.listModels()).toEqual([]);
    socket.close();
  });

  it.each<[string, Knock, number]>([
    ['a wrong token', { protocols: ['halftone', 'no'] }, 401],
    ['no token', { protocols: ['halftone'] }, 401],
    ['no protocol', { protocols: [] }, 400],
    ['the token alone', { protocols: [token] }, 400],
    ['a foreign origin', { origin: 'http://example.org' }, 403],
    ['no origin', { origin: '' }, 403],
    ['a foreign host', { headers: { host: 'example.org' } }, 403],
    ['another path', { path: '/other' }, 404],
  ])('is refused to %s', async (_, how, status) => {
    expect(await knock(how)).toBe(status);
  });

  it('closes on what is no message, and the host lives on', async () => {
    for (const garbage of ['text', new Uint8Array([0xc1])]) {
      const socket = (await knock()) as WebSocket;
      const closed = new Promise<number>((resolve) => {
        socket.once('close', resolve);
      });
      socket.send(garbage);
      expect(await closed).toBe(1003);
    }
    expect(await ask('/')).toMatchObject({ status: 200 });
  });
});

describe('the port', () => {
  it('that is taken is refused in words', async () => {
    const options = { lab: {} as LabApi, files: folder, port: host.port };
    await expect(serveWeb(options)).rejects.toThrow(`port ${host.port} is taken; choose another with --port`);
  });
});
