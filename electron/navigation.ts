/** The scheme and host that the renderer is served under. */
export const SCHEME = 'halftone';
export const HOST = 'app';
export const HOME = `${SCHEME}://${HOST}/index.html`;

/** Runs' files have a host of their own, another origin than the application's. */
export const RUN_PREFIX = `${SCHEME}://run/`;

/** Whether an address is the application's own; nothing else is ever loaded in its window. */
export function isOwnAddress(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === `${SCHEME}:` && url.host === HOST;
}

/** The path of the file that an own address asks for; undefined for any other address. */
export function pathOf(address: string): string | undefined {
  // Taken as text: a parser would resolve the `..` that must be seen and refused.
  const match = /^halftone:\/\/app(\/[^?#]*)/.exec(address);
  return isOwnAddress(address) ? match?.[1] : undefined;
}

/** What the application's window may request: its own files, and what it holds in memory. */
export function mayRequest(address: string): boolean {
  return isOwnAddress(address) || /^(blob|data|devtools):/.test(address);
}

/** What a document's window may request: its one address, what that holds within, and Chromium's own PDF viewer. */
export function documentMayRequest(address: string, shown: ReadonlySet<string>): boolean {
  return shown.has(address) || /^(blob|data|chrome|chrome-extension|devtools):/.test(address);
}
