import { gzipSync } from 'node:zlib';

/** An entry of an archive that a test makes. */
export interface TestEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** As in a tar header: '0' a file, '1' a hard link, '2' a symbolic link, '5' a folder, 'x' a pax header. */
  readonly type?: string;
  readonly link?: string;
  /** The size that the header states. */
  readonly size?: number;
}

/** For tests: an archive, packed, of whatever entries. */
export function makeArchive(entries: readonly TestEntry[]): Uint8Array {
  return gzipSync(Buffer.concat([...entries.flatMap(blocks), Buffer.alloc(1024)]));
}

function blocks({ path, content = '', type = '0', link = '', size }: TestEntry): Buffer[] {
  const bytes = Buffer.from(content as string);
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write('0000777\0', 100);
  header.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}

/** A pax header's record. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const digits = (length: number) => String(length).length;
  const length = rest.length + digits(rest.length + digits(rest.length));
  return `${length}${rest}`;
}

/** A plugin's package.json, with changes. */
export function packageText(name: string, changes: object = {}): string {
  const halftone = { apiVersion: 1, kind: 'attack', name, entry: './index.js' };
  return JSON.stringify({
    name: `halftone-attack-${name}`,
    version: '1.0.0',
    type: 'module',
    halftone,
    ...changes,
  });
}

/** The source of an attack that does nothing. */
export function attackSource(name: string): string {
  return `import { defineAttack } from '@halftone/sdk';
export default defineAttack({
  name: '${name}', title: 'Test', summary: 'For tests.', departures: [],
  paper: { authors: 'A', title: 'T', year: 2020, url: 'https://example.org' },
  access: 'decision', criteria: ['untargeted'], norm: 'linf', parameters: {},
  run: async ({ images }) => images,
});
`;
}
