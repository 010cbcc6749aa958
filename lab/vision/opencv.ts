import type * as Library from '@techstark/opencv-js';

/** OpenCV's functions, compiled to WebAssembly. Its matrices live in its own memory: each is given back by `delete`. */
export type OpenCv = typeof Library & Undeclared;

/** What the build has and its types don't say. */
interface Undeclared {
  /** Zhang's calibration; gives the reprojection error and fills what comes after the size. */
  calibrateCameraExtended(
    objects: Library.MatVector,
    images: Library.MatVector,
    size: Library.Size,
    matrix: Library.Mat,
    distortion: Library.Mat,
    rotations: Library.MatVector,
    shifts: Library.MatVector,
    innerDeviations: Library.Mat,
    outerDeviations: Library.Mat,
    errors: Library.Mat,
    flags: number,
    criteria: Library.TermCriteria,
  ): number;
}

/** A matrix in OpenCV's memory. */
export type Mat = Library.Mat;

let loading: Promise<OpenCv> | undefined;

/**
 * OpenCV, loaded once a thread: 0.3 s in Node, up to 1 s in a browser's worker. In a page the script must be served
 * as UTF-8. A load that fails is tried again at the next call.
 */
export function loadOpenCv(): Promise<OpenCv> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<OpenCv> {
  let library = (inNode() ?? (await import('./opencv-module.ts')).exported.library) as {
    default?: unknown;
    Mat?: unknown;
  };
  // Bundlers wrap it once or twice.
  for (let depth = 0; depth < 3 && library.Mat === undefined; depth++) {
    library = (await library) as typeof library;
    if (library.Mat === undefined && library.default !== undefined)
      library = library.default as typeof library;
  }
  return library as unknown as OpenCv;
}

/** Node's own loader, where there is one: what tests put in its place fails on a module that is a promise. */
function inNode(): unknown {
  const load = globalThis.process?.getBuiltinModule?.('node:module')?.createRequire(import.meta.url);
  return load?.('@techstark/opencv-js');
}

/** Does work with matrices and whatever else OpenCV made for it, and gives all of it back whatever happens. */
export function withMats<T>(work: (keep: <M extends { delete(): void }>(made: M) => M) => T): T {
  const made: { delete(): void }[] = [];
  const keep = <M extends { delete(): void }>(one: M): M => {
    made.push(one);
    return one;
  };
  try {
    return work(keep);
  } finally {
    for (const one of made.reverse()) one.delete();
  }
}
