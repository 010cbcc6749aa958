/** The scheme and host that the renderer is served under. */
export const SCHEME = 'halftone';
export const HOST = 'app';
export const HOME = `${SCHEME}://${HOST}/index.html`;

/** Whether an address is the application's own; nothing else is ever loaded. */
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
