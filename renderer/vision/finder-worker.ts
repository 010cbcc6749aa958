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
// In memory, not on a graphics card: frames are read back.
const drawing = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!;
let view: Promise<LiveView> | undefined;
/** The frame that was looked at last, and room for the next one. */
let last: ImageData | undefined;
let spare: ImageData | undefined;

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
  const live = await view;
  const image = await read(frame).finally(() => frame.close());
  const ready = performance.now();
  if (live === undefined) throw new Error('no sheets to look for');
  spare = last;
  last = image;
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

/** A frame's pixels: straight from its memory where the browser can, five times faster than by a canvas. */
async function read(frame: CameraFrame): Promise<ImageData> {
  const isVideo = 'displayWidth' in frame;
  const [width, height] = isVideo ? [frame.displayWidth, frame.displayHeight] : [frame.width, frame.height];
  if (isVideo && frame.visibleRect?.width === width && frame.visibleRect.height === height) {
    const image = roomFor(width, height);
    const done = await frame.copyTo(image.data, { format: 'RGBA' }).catch(() => undefined);
    if (done !== undefined) return image;
  }
  resize(width, height);
  drawing.drawImage(frame, 0, 0, width, height);
  return drawing.getImageData(0, 0, width, height);
}

function roomFor(width: number, height: number): ImageData {
  return spare?.width === width && spare.height === height ? spare : new ImageData(width, height);
}

function resize(width: number, height: number): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

/** The pixels are on the canvas, and copied, when this is called: frames that come meanwhile don't change them. */
async function take(id: number): Promise<void> {
  if (last === undefined) throw new Error('the camera has shown nothing yet');
  resize(last.width, last.height);
  drawing.putImageData(last, 0, 0);
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
