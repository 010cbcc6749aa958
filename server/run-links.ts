import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { fileAddress, fileOfAddress, type RunFile } from '../lab/host/run-documents.ts';

/** Addresses under which single files of runs can be opened in a tab, which sends no token. */
export interface RunLinks {
  /** The path of an address that opens this one file for as long as this host runs. */
  to(file: RunFile): string;
  /** The file that a path opens; undefined for any path that `to` didn't give out. */
  read(path: string): RunFile | undefined;
}

const PLACE = '/runs/';

/** Links that carry a signature of what they open, so that one opens nothing else. */
export function createRunLinks(secret: Uint8Array = randomBytes(32)): RunLinks {
  const sign = (address: string) => createHmac('sha256', secret).update(address).digest();
  return {
    to(file) {
      const address = fileAddress(file);
      return `${PLACE}${sign(address).toString('base64url')}/${address}`;
    },
    read(path) {
      const match = /^\/runs\/([\w-]{43})\/(.+)$/.exec(path);
      if (match?.[1] === undefined || match[2] === undefined) return undefined;
      const given = Buffer.from(match[1], 'base64url');
      return timingSafeEqual(given, sign(match[2])) ? fileOfAddress(match[2]) : undefined;
    },
  };
}
