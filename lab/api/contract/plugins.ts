import type { PluginKind } from '@halftone/sdk';
import { z } from 'zod';
import { bytesUpTo, fileName, named, nothing } from './shared.ts';

const archive = z.strictObject({
  /** The file's own name. */
  name: fileName.refine((name) => /\.(tgz|tar\.gz)$/i.test(name), 'a packed plugin ends in .tgz'),
  bytes: bytesUpTo(256 * 2 ** 20),
});

/** Plugins that others wrote. An id is the plugin's name. */
export const pluginRequests = {
  listPlugins: nothing,
  pluginLog: named,
  /** From a folder of this machine, a .tgz of it, an npm name or a git address; or an archive's bytes. */
  fetchPlugin: z.union([z.strictObject({ source: z.string().trim().min(1).max(1000) }), archive], {
    error: 'either `source`, or a packed plugin’s `name` and `bytes`',
  }),
  fetchPluginUpdate: named,
  cancelPluginFetch: nothing,
  acceptPlugin: z.strictObject({ token: z.string().max(100) }),
  discardPlugin: z.strictObject({ token: z.string().max(100) }),
  enablePlugin: named,
  disablePlugin: named,
  removePlugin: named,
  restorePlugin: named,
} as const;

export type FetchPluginRequest = z.input<typeof pluginRequests.fetchPlugin>;

/** A plugin, built-in or installed. */
export interface PluginListed {
  readonly id: string;
  readonly kind?: PluginKind;
  readonly origin: 'built-in' | 'installed';
  readonly packageName?: string;
  readonly version?: string;
  /** What an attack asks of a model. */
  readonly access?: string;
  readonly enabled: boolean;
  readonly folder: string;
  /** Why it can't be used. */
  readonly problem?: string;
  /** The README of its folder, in Markdown. */
  readonly card?: string;
  /** Of installed ones. */
  readonly installed?: {
    /** Where it came from, exactly. */
    readonly resolved: string;
    readonly checksum: string;
    readonly files: number;
    readonly bytes: number;
    readonly dependencies: readonly { name: string; range: string; bundled: boolean }[];
    readonly installedAt: string;
  };
}

/** How a plugin's process was last ended against its will. */
export interface PluginFailure {
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
  /** The last that it wrote. */
  readonly log: string;
}

/** A plugin that was fetched and checked and waits for a yes or a no. None of its code has run. */
export interface PluginCandidate {
  readonly token: string;
  readonly id: string;
  readonly kind: PluginKind;
  readonly packageName: string;
  readonly version: string;
  readonly apiVersion: number;
  readonly access?: string;
  readonly checksum: string;
  readonly files: number;
  readonly bytes: number;
  readonly dependencies: readonly { name: string; range: string; bundled: boolean }[];
  readonly resolved: string;
  /** Scripts that npm would run and that are never run here. */
  readonly scripts: readonly string[];
  /** The version that it takes the place of. */
  readonly replaces?: string;
}

export interface PluginsApi {
  listPlugins(): Promise<PluginListed[]>;
  /** Null where it never failed. */
  pluginLog(request: { id: string }): Promise<PluginFailure | null>;
  fetchPlugin(request: FetchPluginRequest): Promise<PluginCandidate>;
  fetchPluginUpdate(request: { id: string }): Promise<PluginCandidate>;
  /** Calls off what is being fetched: those calls throw `cancelled` at once. */
  cancelPluginFetch(): Promise<void>;
  /** Installs what was fetched: it is loaded once, in a process of its own. */
  acceptPlugin(request: { token: string }): Promise<void>;
  discardPlugin(request: { token: string }): Promise<void>;
  enablePlugin(request: { id: string }): Promise<void>;
  disablePlugin(request: { id: string }): Promise<void>;
  /** Puts it away; `restorePlugin` brings it back. */
  removePlugin(request: { id: string }): Promise<void>;
  restorePlugin(request: { id: string }): Promise<void>;
}
