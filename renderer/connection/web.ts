import { socketChannel } from '../../lab/api.ts';
import { type Line, type OpenLine, Refused } from './line.ts';

const NEW_LINK = 'Open the link that `halftone start` printed.';

/** Opens lines to the web host that this page came from. */
export function webLine(token: string | null): OpenLine {
  return async () => {
    if (token === null) throw new Refused(`This page was opened without its token. ${NEW_LINK}`);
    await checkToken(token);
    return openSocket(token);
  };
}

/** A socket can't tell why it was refused; this can. */
async function checkToken(token: string): Promise<void> {
  const answer = await fetch('/session', { headers: { Authorization: `Bearer ${token}` } });
  if (answer.status === 401) throw new Refused(`This page's token is an older one. ${NEW_LINK}`);
  if (!answer.ok) throw new Refused(await answer.text());
}

function openSocket(token: string): Promise<Line> {
  const socket = new WebSocket(`ws://${window.location.host}/lab`, ['halftone', token]);
  const gone = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => resolve());
  });
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve({ channel: socketChannel(socket), gone }));
    socket.addEventListener('error', () => reject(new Error('the socket could not be opened')));
  });
}
