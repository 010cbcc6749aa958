import { isOwnAddress } from './navigation.ts';

/** What a page asks for. */
export interface PermissionRequest {
  /** Electron's name of the permission. */
  readonly permission: string;
  /** The address of the page that asks. */
  readonly from: string;
  /** For `media`: `video`, `audio`, or both. */
  readonly mediaTypes?: readonly string[];
}

/** Grants the camera, without the microphone, to our own page; nothing else to anyone. */
export function grants({ permission, from, mediaTypes }: PermissionRequest): boolean {
  if (permission !== 'media' || !isOwnAddress(from)) return false;
  return mediaTypes !== undefined && mediaTypes.length > 0 && mediaTypes.every((type) => type === 'video');
}
