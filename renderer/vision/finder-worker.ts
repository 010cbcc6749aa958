import { loadOpenCv } from '../../lab/vision/opencv.ts';

/**
 * The sheet finder's worker. Its script comes with a content policy of its own, which lets OpenCV compile its
 * WebAssembly and its bindings; see `lab/host/policy.ts`.
 */
loadOpenCv().then(
  (cv) => postMessage({ kind: 'ready', version: /OpenCV (\S+)/.exec(cv.getBuildInformation())?.[1] ?? '' }),
  (error: unknown) => postMessage({ kind: 'failed', message: String(error) }),
);
