const KEY = 'halftone-token';

/**
 * The token of the link that opened this page, and out of the address with it: it stays with the tab (for a
 * reload) and with this origin, port and all. Null where the page was opened without the link.
 */
export function takeToken(
  location: Pick<Location, 'hash' | 'pathname'>,
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  history: Pick<History, 'replaceState'>,
): string | null {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return storage.getItem(KEY);
  storage.setItem(KEY, given);
  history.replaceState(null, '', location.pathname);
  return given;
}

/** The token that this tab was opened with. */
export function keptToken(storage: Pick<Storage, 'getItem'>): string | null {
  return storage.getItem(KEY);
}
