import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Who may talk to the web host. Other sites' pages reach 127.0.0.1 as well as ours does: `Host` gives away a
 * page that had its name rebound to our address, `Origin` one that connects from elsewhere, and the token any
 * program or tab that wasn't given the link.
 */

/** What the decisions look at; names as Node spells headers. */
export interface Knock {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** A refusal: the HTTP status and one plain line. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 405;
  readonly message: string;
}

/** The subprotocol that the lab speaks; the client offers it first and its token second. */
export const SUBPROTOCOL = 'halftone';

/** The two names under which this machine's own browser finds us. */
export function ownHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

/** Refuses a request that isn't for us or comes from another site's page; a page load carries no Origin. */
export function judgeRequest({ host, origin }: Knock, port: number): Refusal | undefined {
  const hosts = ownHosts(port);
  if (host === undefined || !hosts.includes(host)) {
    return { status: 403, message: `this server answers to ${hosts.join(' and ')} only` };
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, message: "another site's page may not talk to this lab" };
  }
  return undefined;
}

/** Refuses a socket: as `judgeRequest`, and it must say its origin and carry the token. */
export function judgeSocket(
  knock: Knock & { protocols: string | undefined },
  port: number,
  token: string,
): Refusal | undefined {
  const refusal = judgeRequest(knock, port);
  if (refusal) return refusal;
  if (knock.origin === undefined) return { status: 403, message: 'a socket must say its origin' };
  const [name, offered] = (knock.protocols ?? '').split(',').map((part) => part.trim());
  if (name !== SUBPROTOCOL) return { status: 400, message: `the subprotocol must be '${SUBPROTOCOL}'` };
  return judgeToken(offered, token);
}

/** Refuses a wrong or missing token, in a time that doesn't tell how much of it was right. */
export function judgeToken(offered: string | undefined, token: string): Refusal | undefined {
  if (offered !== undefined && timingSafeEqual(digest(offered), digest(token))) return undefined;
  return { status: 401, message: 'wrong token: open the link that `halftone start` printed' };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
