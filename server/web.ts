import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HalftoneError } from '@halftone/sdk/errors';
import { WebSocketServer } from 'ws';
import type { LabApi } from '../lab/api/contract.ts';
import { socketChannel } from '../lab/api/wire.ts';
import { documentPolicy, policyOf, securityHeaders } from '../lab/host/policy.ts';
import { documentType, fileOfAddress } from '../lab/host/run-documents.ts';
import { contentType, staticFile } from '../lab/host/static-files.ts';
import { serveLab } from '../lab/serve.ts';
import { judgeRequest, judgeSocket, judgeToken, ownHosts, type Refusal, SUBPROTOCOL } from './gate.ts';
import { createRunLinks, type RunLinks } from './run-links.ts';
import { newToken } from './token.ts';

/** Room for the largest file that the contract takes, and its envelope. */
const MOST_BYTES_A_MESSAGE = 1025 * 2 ** 20;

export interface WebOptions {
  readonly lab: LabApi;
  /** The built renderer. */
  readonly files: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** What the link carries; random by default. */
  readonly token?: string;
}

/** A running web host. */
export interface WebHost {
  /** The link with its token. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the lab and the renderer on 127.0.0.1. Throws `bad-argument` where the port is taken. */
export async function serveWeb({ lab, files, port = 0, token = newToken() }: WebOptions): Promise<WebHost> {
  const server = createServer();
  const actualPort = await listen(server, port);
  const sockets = acceptSockets(server, { lab, port: actualPort, token });
  const place = { lab, files, port: actualPort, token, links: createRunLinks() };
  server.on('request', (request, response) => {
    answer(request, response, place).catch(() => response.destroy());
  });
  return {
    url: `http://127.0.0.1:${actualPort}/#token=${token}`,
    port: actualPort,
    close: () => closeAll(server, sockets),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is taken' : `can't be used (${cause.message})`;
      reject(new HalftoneError('bad-argument', `port ${port} ${why}; choose another with --port`, { cause }));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

interface Rules {
  readonly port: number;
  readonly token: string;
}

/** What requests are answered from. */
interface Place extends Rules {
  readonly lab: LabApi;
  readonly files: string;
  readonly links: RunLinks;
}

function acceptSockets(server: Server, { lab, port, token }: Rules & { lab: LabApi }): WebSocketServer {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_BYTES_A_MESSAGE,
    perMessageDeflate: false,
    // Never the token: what is chosen here is sent back.
    handleProtocols: () => SUBPROTOCOL,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { host, origin } = request.headers;
    const protocols = request.headers['sec-websocket-protocol'];
    const refusal =
      judgeSocket({ host, origin, protocols }, port, token) ??
      (pathOf(request) === '/lab' ? undefined : { status: 404 as const, message: 'not found' });
    if (refusal) return refuseUpgrade(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const served = serveLab(
        lab,
        socketChannel(webSocket as unknown as Parameters<typeof socketChannel>[0]),
      );
      webSocket.on('close', () => served.close());
      // A socket that breaks closes too; without a listener it would end the process.
      webSocket.on('error', () => undefined);
    });
  });
  return sockets;
}

function refuseUpgrade(socket: Duplex, { status, message }: Refusal): void {
  socket.on('error', () => undefined);
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

async function answer(request: IncomingMessage, response: ServerResponse, place: Place): Promise<void> {
  const { port, token, files, links } = place;
  const path = pathOf(request);
  const sockets = ownHosts(port).map((host) => `ws://${host}`);
  setHeaders(response, policyOf(path, sockets));
  const { host, origin, authorization } = request.headers;
  const refusal = judgeRequest({ host, origin }, port);
  if (refusal) return say(response, refusal);
  const headOnly = request.method === 'HEAD';
  if (request.method !== 'GET' && !headOnly) {
    return say(response, { status: 405, message: 'only GET and HEAD are answered' });
  }
  if (path.startsWith('/runs/')) return sendRunFile(response, path, headOnly, place);
  // How a page whose socket was refused learns why (a socket can't tell), and gets links for tabs of their own.
  if (path === '/session' || path.startsWith(LINKS)) {
    const wrong = judgeToken(authorization?.replace(/^Bearer /, ''), token);
    if (wrong) return say(response, wrong);
    if (path === '/session') return void response.writeHead(204).end();
    const file = fileOfAddress(path.slice(LINKS.length));
    return file === undefined ? say(response, noSuchFile) : sendText(response, links.to(file));
  }
  await sendFile(response, staticFile(files, path), { headOnly, forGood: path.startsWith('/assets/') });
}

/** Where a page asks for a link to a run's file. */
const LINKS = '/run-links/';
const noSuchFile: Refusal = { status: 404, message: 'not found' };

function setHeaders(response: ServerResponse, policy: string): void {
  for (const [name, value] of Object.entries(securityHeaders(policy))) response.setHeader(name, value);
}

/** Answers a link to a run's file with the file, under a policy of its own. */
async function sendRunFile(
  response: ServerResponse,
  path: string,
  headOnly: boolean,
  { lab, links }: Place,
): Promise<void> {
  const file = links.read(path);
  const bytes = file && (await lab.runFile(file).catch(() => undefined));
  const type = file && documentType(file.path);
  if (bytes === undefined || type === undefined) return say(response, noSuchFile);
  setHeaders(response, documentPolicy(type));
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.byteLength });
  response.end(headOnly ? undefined : bytes);
}

/** `forGood`: the bundler named the file by its content, so that it never changes under this name. */
async function sendFile(
  response: ServerResponse,
  file: string | undefined,
  { headOnly, forGood }: { headOnly: boolean; forGood: boolean },
): Promise<void> {
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (file === undefined || !found?.isFile()) return say(response, noSuchFile);
  if (forGood) response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
  response.writeHead(200, { 'Content-Type': contentType(file), 'Content-Length': found.size });
  if (headOnly) response.end();
  else await pipeline(createReadStream(file), response);
}

function say(response: ServerResponse, { status, message }: Refusal): void {
  response.statusCode = status;
  sendText(response, `${message}\n`);
}

function sendText(response: ServerResponse, text: string): void {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8').end(text);
}

/** The request's path as it was sent: a URL parser would resolve the `..` that we want to see. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
}

async function closeAll(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
