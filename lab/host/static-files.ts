import { extname, join, resolve, sep } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** The content type of a file that the renderer is made of; undefined for any other file: it is not served. */
export function contentType(path: string): string | undefined {
  return types[extname(path).toLowerCase()];
}

/**
 * The file under `root` that a URL's path asks for; `/` is `index.html`.
 * Undefined for what leaves the root, hides behind an encoding, or is of no type that is served.
 */
export function staticFile(root: string, urlPath: string): string | undefined {
  const decoded = decodePath(urlPath);
  if (decoded === undefined || !decoded.startsWith('/') || /[\\\0:]/.test(decoded)) return undefined;
  const parts = decoded.split('/').slice(1);
  if (parts.some((part) => part === '..' || part.startsWith('.'))) return undefined;
  const base = resolve(root);
  const file = join(base, decoded === '/' ? 'index.html' : decoded);
  if (!file.startsWith(base + sep) || contentType(file) === undefined) return undefined;
  return file;
}

function decodePath(urlPath: string): string | undefined {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
}
