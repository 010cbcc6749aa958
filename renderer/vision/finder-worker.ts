import { type LiveView, loadOpenCv, openLiveView } from '../../lab/vision/live.ts';
import type { CameraFrame, FromFinder, Seen, ToFinder } from './messages.ts';

/**
 * The sheet finder's worker: looks at one frame at a time and keeps the last one, for a shot of it. Its script comes
 * with a content policy of its own, which lets OpenCV compile its WebAssembly and its bindings; see
 * `lab/host/policy.ts`.
 */

/** The parts of a worker's global scope that are used; the project's types are those of a page. */
interface WorkerScope {
  postMessage(message: FromFinder, transfer?: readonly Transferable[]): void;
  onmessage: ((event: MessageEvent<ToFinder>) => void) | null;
}

/** What OpenCV's build has and its types don't say. */
interface Described {
  getBuildInformation(): string;
}

const scope = globalThis as unknown as WorkerScope;
const canvas = new OffscreenCanvas(1, 1);
// In memory, not on a graphics card: every frame is read back.
const drawing = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!;
let view: Promise<LiveView> | undefined;

scope.onmessage = ({ data }) => {
  if (data.kind === 'open') {
    view = openLiveView(data);
    view.catch((error: unknown) => failed(error));
  } else if (data.kind === 'look') {
    look(data.frame, data.time).catch((error: unknown) => failed(error));
  } else {
    take(data.id).catch((error: unknown) => failed(error, data.id));
  }
};

async function look(frame: CameraFrame, time: number): Promise<void> {
  const began = performance.now();
  const image = read(frame);
  const ready = performance.now();
  const live = await view;
  if (live === undefined) throw new Error('no sheets to look for');
  const seen: Seen = {
    look: live.look(image),
    width: image.width,
    height: image.height,
    time,
    reading: ready - began,
    looking: performance.now() - ready,
  };
  scope.postMessage({ kind: 'seen', seen });
}

/** The frame's pixels; they also stay on the canvas. The frame itself is given back to the camera. */
function read(frame: CameraFrame): ImageData {
  const [width, height] =
    'displayWidth' in frame ? [frame.displayWidth, frame.displayHeight] : [frame.width, frame.height];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  drawing.drawImage(frame, 0, 0, width, height);
  frame.close();
  return drawing.getImageData(0, 0, width, height);
}

/** The pixels are copied when this is called: frames that come meanwhile don't change them. */
async function take(id: number): Promise<void> {
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  const png = new Uint8Array(await blob.arrayBuffer());
  scope.postMessage({ kind: 'taken', id, png }, [png.buffer]);
}

function failed(error: unknown, id?: number): void {
  const message = error instanceof Error ? error.message : String(error);
  scope.postMessage({ kind: 'failed', message, ...(id === undefined ? {} : { id }) });
}

// OpenCV takes a second to load: it is there when the camera is.
loadOpenCv().then(
  (cv) => {
    const words = (cv as unknown as Described).getBuildInformation();
    scope.postMessage({ kind: 'ready', version: /OpenCV (\S+)/.exec(words)?.[1] ?? '' });
  },
  (error: unknown) => failed(error),
);
