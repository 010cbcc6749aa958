import { loadOpenCv } from '../../lab/vision/opencv.ts';

/** What the build has and its types don't say. */
interface Described {
  getBuildInformation(): string;
}

/**
 * The sheet finder's worker. Its script comes with a content policy of its own, which lets OpenCV compile its
 * WebAssembly and its bindings; see `lab/host/policy.ts`.
 */
loadOpenCv().then(
  (cv) => {
    const words = (cv as unknown as Described).getBuildInformation();
    postMessage({ kind: 'ready', version: /OpenCV (\S+)/.exec(words)?.[1] ?? '' });
  },
  (error: unknown) => postMessage({ kind: 'failed', message: String(error) }),
);
