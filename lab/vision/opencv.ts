import type * as Library from '@techstark/opencv-js';

/** OpenCV's functions, compiled to WebAssembly. Its matrices live in its own memory: each is given back by `delete`. */
export type OpenCv = typeof Library;
/** A matrix in OpenCV's memory. */
export type Mat = Library.Mat;

let loading: Promise<OpenCv> | undefined;

/**
 * OpenCV, loaded once a thread: 0.3 s in Node, up to 1 s in a browser's worker. In a page the script must be served
 * as UTF-8. A load that fails is tried again at the next call.
 *
 * @param load gives the module, for hosts that bundle it in a way of their own.
 */
export function loadOpenCv(
  load: () => Promise<unknown> = () => import('@techstark/opencv-js'),
): Promise<OpenCv> {
  loading ??= ready(load).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** The module's export is a promise of the library; what a bundler makes of it has it as its default export. */
async function ready(load: () => Promise<unknown>): Promise<OpenCv> {
  let loaded = (await load()) as { default?: unknown; Mat?: unknown };
  for (let depth = 0; depth < 3 && loaded.Mat === undefined && loaded.default !== undefined; depth++) {
    loaded = (await loaded.default) as typeof loaded;
  }
  return loaded as unknown as OpenCv;
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
