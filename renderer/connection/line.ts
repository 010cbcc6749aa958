import type { Channel } from '../../lab/api.ts';

/** An open way to the lab. */
export interface Line {
  readonly channel: Channel;
  /** Resolves when the line is gone. */
  readonly gone: Promise<void>;
}

/** Why there can be no line, in words for the person; waiting won't help. */
export class Refused extends Error {}

/** Opens a line. Throws `Refused`, or any other error where trying again may help. */
export type OpenLine = () => Promise<Line>;
