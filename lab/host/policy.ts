/**
 * The content security policy of the renderer: its own files and nothing else. Images and video may be blobs,
 * for that is how dropped photographs and the camera are shown. `sockets` are the addresses it may open.
 */
export function contentSecurityPolicy(sockets: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "font-src 'self'",
    `connect-src ${["'self'", ...sockets].join(' ')}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * The policy of a worker's script. OpenCV compiles WebAssembly, and its bindings with `new Function`. A worker has no
 * page, no cookie and no storage of ours, and this one no address to send anything to: it reads its own files only.
 */
export function workerPolicy(): string {
  return "default-src 'none'; script-src 'self' 'unsafe-eval'";
}

/**
 * The policy of a file out of a run's folder, opened by itself: a report brings its style sheet and its pictures
 * within it, runs nothing and asks for nothing. A PDF is shown by the browser's own viewer, which a page's policy
 * would stop.
 */
export function documentPolicy(type: string): string {
  const enclosed = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  if (type === 'application/pdf') return enclosed;
  return `default-src 'none'; style-src 'unsafe-inline'; img-src data:; ${enclosed}`;
}

/** Scripts that the bundler made of `new Worker(new URL('./x-worker.ts', import.meta.url))`; no other has the name. */
const workerScript = /^\/assets\/[\w.-]*-worker-[\w-]+\.js$/;

/** The policy of the renderer's file at a path: its pages' own, or the wider one of a worker. */
export function policyOf(path: string, sockets: readonly string[] = []): string {
  return workerScript.test(path) ? workerPolicy() : contentSecurityPolicy(sockets);
}

/** Headers of every answer, in both hosts, with the policy of what is answered. */
export function securityHeaders(policy: string): Record<string, string> {
  return {
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-cache',
  };
}
