/** How large a zip file's run may be. A run of thousands of images with its photographs stays far below. */
export const archiveLimits = {
  files: 100_000,
  /** All its files, unpacked. */
  bytes: 8 * 2 ** 30,
  /** One of them. */
  fileBytes: 2 ** 30,
  /** A path from the run's folder, in characters, and its folders. */
  pathLength: 240,
  depth: 8,
} as const;
export type ArchiveLimits = { readonly [K in keyof typeof archiveLimits]: number };
