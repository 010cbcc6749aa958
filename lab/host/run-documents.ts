/** Files of a run's folder that a host opens by themselves: a report or a PDF in a window or tab of its own. */

/** A file of a run: the run's folder's name, and the file's path in it, with `/`. */
export interface RunFile {
  readonly id: string;
  readonly path: string;
}

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  yaml: 'text/plain; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};

/** The content type of a file that may be opened by itself; undefined for any other. */
export function documentType(path: string): string | undefined {
  return types[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ''];
}

/** Whether a path can't leave the run's folder, and names no hidden file. The lab checks it again, on the disk. */
export function isInside({ id, path }: RunFile): boolean {
  const parts = [id, ...path.split('/')];
  return (
    !id.includes('/') && parts.every((part) => part !== '' && !part.startsWith('.') && !/[\\\0:]/.test(part))
  );
}

/** The file as part of an address: `id/path`, each part encoded. */
export function fileAddress({ id, path }: RunFile): string {
  return [id, ...path.split('/')].map(encodeURIComponent).join('/');
}

/** The file in an address's part; undefined where it leads out of a run's folder, or to what isn't opened by itself. */
export function fileOfAddress(address: string): RunFile | undefined {
  const parts = address.split('/').map(decoded);
  const [id, ...rest] = parts;
  if (id === undefined || rest.length === 0 || parts.some((part) => part?.includes('/') ?? true))
    return undefined;
  const file = { id, path: rest.join('/') };
  return isInside(file) && documentType(file.path) !== undefined ? file : undefined;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
