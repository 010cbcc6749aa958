/** The kinds of failure that callers tell apart; every error that a user may see carries one. */
export type ErrorCode =
  | 'bad-argument'
  | 'bad-file'
  | 'bad-graph'
  | 'bad-image'
  | 'bad-labels'
  | 'bad-plugin'
  | 'cancelled'
  | 'not-finite'
  | 'not-found'
  | 'provider-unavailable'
  | 'time-limit'
  | 'unsupported-operator'
  | 'internal';

/** A place in what was asked for, from the outside in: `['attacks', 0, 'set', 'epsilon']`. */
export type Place = readonly (string | number)[];

/**
 * An error meant to be read by a person: one line that says what failed, on which value, and what to do.
 * Hosts print `message` alone and end with exit code 2; anything that is not a `HalftoneError` is a defect.
 */
export class HalftoneError extends Error {
  readonly code: ErrorCode;
  /** What it is about, where that is one part of what was asked for: forms say it there. */
  readonly place: Place | undefined;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; place?: Place }) {
    super(message, options);
    this.name = 'HalftoneError';
    this.code = code;
    this.place = options?.place;
  }
}
