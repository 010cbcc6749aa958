import type { Camera, Sheet } from '../../lab/vision/live.ts';
import type { CameraFrame, FromFinder, Seen, ToFinder } from './messages.ts';

/** What the finder tells, beside shots. */
export interface FinderEvents {
  /** OpenCV is loaded. */
  ready(): void;
  seen(seen: Seen): void;
  /** Looking failed; the next frame is looked at all the same. */
  failed(message: string): void;
}

/** The finder in its worker. One frame is looked at at a time; none waits. */
export interface Finder {
  /** Which sheets to look for, with the camera where it is calibrated. Plain data: a store's proxies can't be sent. */
  open(sheets: readonly Sheet[], camera: Camera | undefined): void;
  /** Whether a frame would be looked at now. None is before OpenCV is there: it would be held all the while. */
  readonly idle: boolean;
  /** Hands a frame over. Only when `idle`. */
  look(frame: CameraFrame, time: number): void;
  /** The frame that was looked at last, as a PNG. Throws where there is none or it can't be written. */
  take(): Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

interface Shot {
  resolve(png: Uint8Array<ArrayBuffer>): void;
  reject(error: Error): void;
}

/** Starts the worker; it loads OpenCV at once. */
export function startFinder(events: FinderEvents): Finder {
  const worker = new Worker(new URL('./finder-worker.ts', import.meta.url), { type: 'module' });
  const shots = new Map<number, Shot>();
  let shotId = 0;
  let isOpen = false;
  let looking = false;
  let [isReady, isClosed] = [false, false];
  const send = (message: ToFinder, transfer: Transferable[] = []) => worker.postMessage(message, transfer);
  worker.onmessage = ({ data }: MessageEvent<FromFinder>) => {
    if (isClosed) worker.terminate();
    else if (data.kind === 'ready') {
      isReady = true;
      events.ready();
    } else if (data.kind === 'seen') {
      looking = false;
      events.seen(data.seen);
    } else if (data.kind === 'taken') {
      shots.get(data.id)?.resolve(data.png);
      shots.delete(data.id);
    } else if (data.id !== undefined) {
      shots.get(data.id)?.reject(new Error(data.message));
      shots.delete(data.id);
    } else {
      looking = false;
      events.failed(data.message);
    }
  };
  worker.onerror = (event) => {
    looking = false;
    events.failed(event.message || 'the finder could not be started');
  };
  return {
    open(sheets, camera) {
      // With nothing to look for, every sheet would be another run's.
      isOpen = sheets.length > 0;
      send({ kind: 'open', sheets, camera });
    },
    get idle() {
      return isOpen && isReady && !looking;
    },
    look(frame, time) {
      looking = true;
      send({ kind: 'look', frame, time }, [frame]);
    },
    take() {
      const id = shotId++;
      const shot = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
      shots.set(id, shot);
      send({ kind: 'take', id });
      return shot.promise;
    },
    close() {
      isClosed = true;
      // A frame that is being looked at is closed by the worker: without it the camera's memory would wait for the collector.
      if (!looking) worker.terminate();
      for (const shot of shots.values()) shot.reject(new Error('the camera was closed'));
      shots.clear();
    },
  };
}
