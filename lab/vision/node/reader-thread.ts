import { type Outcome, serveThread } from '../../threads/serve.ts';
import { calibrateFromPhotographs } from './calibrate-photographs.ts';
import { lookAtPhotograph } from './look.ts';
import type { ReaderAnswer, ReaderRequest } from './reader.ts';

/** A thread that looks at photographs: see `reader.ts`. */

serveThread(async (request: ReaderRequest): Promise<Outcome<ReaderAnswer>> => {
  if (request.kind === 'calibrate') {
    return { value: await calibrateFromPhotographs(request.paths, request.board) };
  }
  if (request.kind === 'shoot') {
    // Loaded where it is asked for: who looks at photographs prints none.
    const { shootSheet } = await import('./shoot.ts');
    const value = await shootSheet(request.question);
    return { value, transfer: value.map(({ buffer }) => buffer) };
  }
  const value = await lookAtPhotograph(request.question);
  return value.found ? { value, transfer: value.crops.map(({ png }) => png.buffer) } : { value };
});
