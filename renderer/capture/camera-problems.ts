/** Why there is no picture, in words, with the way back. */
export interface CameraProblem {
  readonly kind: 'insecure' | 'none' | 'refused' | 'busy' | 'unplugged' | 'resolution' | 'other';
  /** What happened. */
  readonly title: string;
  /** What to do. */
  readonly text: string;
  /** What the button says that tries again; without it, trying again can't help. */
  readonly action?: string;
}

const again = 'Try again';
const without = 'Photographs can be dropped here all the same.';

/** What the browser's refusal to give a camera means; names are those of the Media Capture specification. */
export function problemOf(error: unknown, label: string | undefined, desktop: boolean): CameraProblem {
  const name = errorName(error);
  const camera = label ? `The camera “${label}”` : 'The camera';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        kind: 'refused',
        title: 'The camera may not be used',
        text: `${desktop ? 'Allow Halftone to use the camera in the system’s privacy settings' : 'Allow it for this page, by the camera’s sign in the address bar'}, then try again. ${without}`,
        action: again,
      };
    case 'NotFoundError':
      return noCamera;
    case 'NotReadableError':
    case 'AbortError':
      return {
        kind: 'busy',
        title: `${camera} can’t be opened`,
        text: `Another program may be using it: close that one, then try again. ${without}`,
        action: again,
      };
    case 'OverconstrainedError':
      return {
        kind: 'resolution',
        title: `${camera} doesn’t give this resolution`,
        text: 'Take another one.',
        action: 'Take its highest',
      };
    default: {
      const message = error instanceof Error ? error.message : String(error);
      return {
        kind: 'other',
        title: `${camera} can’t be opened`,
        text: `${message}. ${without}`,
        action: again,
      };
    }
  }
}

/** Its name; not every browser's `OverconstrainedError` is an `Error`. */
export function errorName(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
}

export const noCamera: CameraProblem = {
  kind: 'none',
  title: 'There is no camera',
  text: `Plug one in: it is opened as soon as it is there. ${without}`,
  action: 'Look again',
};

export const insecure: CameraProblem = {
  kind: 'insecure',
  title: 'The browser gives cameras only to pages of this machine',
  text: `Open the lab at 127.0.0.1 or localhost, as \`halftone start\` says. ${without}`,
};

/** A camera that went away while it was used. */
export function unplugged(label: string): CameraProblem {
  return {
    kind: 'unplugged',
    title: `“${label}” is gone`,
    text: `It was unplugged, or another program took it. It goes on as soon as it is back. ${without}`,
    action: again,
  };
}
