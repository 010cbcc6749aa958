import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
  const lab = { listModels: async () => [] } as unknown as LabApi;
  host = await serveWeb({ lab, files, token });
  own = `127.0.0.1:${host.port}`;
});
afterAll(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

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
