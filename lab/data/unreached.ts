/** The machine at the other end wasn't reached, or went away. */
const codes = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ERR_SOCKET_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Of an error's code: that this host can't be reached, and what to look at; undefined for errors of other kinds. */
export function unreachedWords(code: unknown, host: string): string | undefined {
  return codes.has(String(code)) ? `${host} can't be reached (${code}); is this machine online?` : undefined;
}
