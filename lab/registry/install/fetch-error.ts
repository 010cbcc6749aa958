import { HalftoneError } from '@halftone/sdk/errors';
import { unreachedWords } from '../../data/unreached.ts';

/** What the libraries and git leave in an error of theirs. */
interface Clues extends Error {
  readonly code?: unknown;
  /** What git wrote. */
  readonly stderr?: unknown;
}

/** The registry knows no such package, or no such version of it. */
const unknown = new Set(['E404', 'ETARGET', 'ENOVERSIONS']);

/** Why a package couldn't be fetched, in words: `not-found` where it can't be had, else `bad-plugin`. */
export function fetchError(spec: string, cause: Clues): HalftoneError {
  const { code, message, stderr } = cause;
  const say = (reason: string, had: boolean) =>
    new HalftoneError(had ? 'bad-plugin' : 'not-found', `${spec} can't be fetched: ${reason}`, { cause });
  const host = hostIn(message);
  const unreached = unreachedWords(code, host ?? 'its host');
  if (unreached !== undefined) return say(unreached, false);
  if (code === 'E404') return say(`${host ?? 'the registry'} has no such package`, false);
  const said = typeof stderr === 'string' ? gitWords(stderr) : undefined;
  if (said !== undefined) return say(`git says: ${said}`, false);
  return say(message.split('\n')[0] || String(code), !unknown.has(String(code)));
}

/** The host of the address that a message names. */
function hostIn(message: string): string | undefined {
  const address = /https?:\/\/[^\s,]+/.exec(message)?.[0];
  return address !== undefined && URL.canParse(address) ? new URL(address).host : undefined;
}

/** The line that says why, of all that git writes when it fails. */
function gitWords(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  const why = lines.find((line) => /^(fatal|ssh|error): /.test(line));
  return why?.replace(/^(fatal|error): /, '');
}
