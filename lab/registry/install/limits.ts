/** How large a plugin may be, its dependencies included. */
export const installLimits = {
  /** An archive as it comes. */
  archiveBytes: 128 * 2 ** 20,
  /** All its files, unpacked. */
  bytes: 512 * 2 ** 20,
  files: 20_000,
  /** A path from the plugin's folder, in characters, and its folders. */
  pathLength: 240,
  depth: 24,
} as const;
export type InstallLimits = { readonly [K in keyof typeof installLimits]: number };

/** What the store writes into a plugin's folder beside the plugin itself. */
export const RECORD_FILE = '.halftone-install.json';
