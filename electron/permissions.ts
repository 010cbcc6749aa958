import { isOwnAddress } from './navigation.ts';

/** What a page asks for, or asks about. */
export interface PermissionRequest {
  /** Electron's name of the permission. */
  readonly permission: string;
  /** The address of the page that asks. */
  readonly from: string;
  /** For `media`: `video`, `audio`, or both. */
  readonly mediaTypes?: readonly string[];
}

/** Without these a page's own button does nothing: 'Copy' of an error's details, and a sheet over the whole screen. */
const harmless: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'fullscreen']);

/** Grants our own page the camera without the microphone, writing to the clipboard, and the whole screen. */
export function grants({ permission, from, mediaTypes }: PermissionRequest): boolean {
  if (!isOwnAddress(from)) return false;
  if (harmless.has(permission)) return true;
  if (permission !== 'media') return false;
  return mediaTypes !== undefined && mediaTypes.length > 0 && mediaTypes.every((type) => type === 'video');
}

/**
 * Whether a page is told that it has a permission. Who only asks how things stand with the camera doesn't say so
 * ('unknown', or nothing): no is taken for a camera that was refused. What is granted, `grants` decides.
 */
export function holds({ permission, from, mediaTypes = [] }: PermissionRequest): boolean {
  const said = mediaTypes.filter((type) => type !== 'unknown');
  if (permission === 'media' && said.length === 0) return isOwnAddress(from);
  return grants({ permission, from, mediaTypes: said });
}
