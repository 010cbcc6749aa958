import { readFile } from 'node:fs/promises';
import { policyOf, securityHeaders } from '../lab/host/policy.ts';
import { contentType, staticFile } from '../lab/host/static-files.ts';
import { pathOf } from './navigation.ts';

/** Answers our own addresses with the renderer's files out of `folder`, with the headers that the web host sends. */
export async function answerOwn(address: string, folder: string): Promise<Response> {
  const path = pathOf(address);
  const file = path === undefined ? undefined : staticFile(folder, path);
  const body = file === undefined ? undefined : await readFile(file).catch(() => undefined);
  if (path === undefined || file === undefined || body === undefined) {
    return new Response('not found', { status: 404 });
  }
  return new Response(new Uint8Array(body), {
    headers: { ...securityHeaders(policyOf(path)), 'Content-Type': contentType(file) ?? '' },
  });
}
