import { HalftoneError, type PluginKind } from '@halftone/sdk';
import { installLimits } from './install/limits.ts';
import { listFolder } from './install/listing.ts';
import { pickPlugin } from './plugins.ts';
import type { Registry } from './registry.ts';

/**
 * Version and checksum of a plugin as it is now, for records of what it did. A plugin that is being written may hold
 * links and whatever its author keeps there; it has no checksum then. Throws `not-found`, `bad-plugin`.
 */
export async function markPlugin(
  registry: Registry,
  kind: PluginKind,
  name: string,
): Promise<{ readonly version: string; readonly checksum?: string }> {
  const { manifest, folder, origin } = pickPlugin(await registry.find(), kind, name);
  const { version } = manifest;
  try {
    const { checksum } = await listFolder(folder, `plugin '${name}'`, installLimits);
    return { version, checksum };
  } catch (error) {
    if (origin === 'development' && error instanceof HalftoneError) return { version };
    throw error;
  }
}
