/**
 * Keys in words: `mod+k` (Ctrl, on a Mac Command), `shift+arrowright`, `d`, `?`, `space`. What a person types for a
 * sign (`?`, `+`) stands as the sign, whatever keys their keyboard needs for it.
 */

/** What of a keyboard event tells its combination. */
export type KeyStroke = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** An event's combination, in the form of `normalKeys`. */
export function strokeOf(event: KeyStroke): string {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  // Shift is part of a sign, and told apart only where the key has none of its own.
  const shift = event.shiftKey && (key.length > 1 || /[a-z]/.test(key));
  return [event.ctrlKey || event.metaKey ? 'mod' : '', event.altKey ? 'alt' : '', shift ? 'shift' : '', key]
    .filter(Boolean)
    .join('+');
}

/** Brings `Shift+Mod+K` and `mod+shift+k` to one form. */
export function normalKeys(keys: string): string {
  const parts = keys.toLowerCase().split(/\+(?=.)/);
  const key = parts.at(-1)!;
  return [...['mod', 'alt', 'shift'].filter((part) => parts.slice(0, -1).includes(part)), key].join('+');
}

const names: Readonly<Record<string, string>> = {
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  enter: 'Enter',
  escape: 'Esc',
  space: 'Space',
  backspace: 'Backspace',
  delete: 'Del',
  shift: 'Shift',
  alt: 'Alt',
};

/** A combination as people read it: `Ctrl K`, on a Mac `⌘ K`. */
export function shownKeys(keys: string, mac: boolean): string {
  return normalKeys(keys)
    .split(/\+(?=.)/)
    .map((part) => (part === 'mod' ? (mac ? '⌘' : 'Ctrl') : (names[part] ?? part.toUpperCase())))
    .join(' ');
}

/** Whether this machine's keyboard has a Command key. */
export function isMac(): boolean {
  return /mac/i.test(navigator.platform);
}

/** What a text field does with Ctrl or Command. */
const editing = /^mod\+(shift\+)?([acvxyz]|arrow\w+|backspace|delete|home|end)$/;

/** Whether a text field keeps a stroke for itself: all that types, moves and edits. */
export function isTyping(stroke: string): boolean {
  return !stroke.startsWith('mod+') || editing.test(stroke);
}

/**
 * Whether a key pressed here is meant for what is focused: a field takes letters, a button Enter and space. Lists
 * that take arrows prevent the default of those that they took.
 */
export function isTaken(stroke: string, target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches(textFields)) return isTyping(stroke);
  if (stroke.startsWith('mod+')) return false;
  if (stroke.includes('arrow')) {
    return target.closest('[role=slider], [role=tablist], [role=menu], [type=radio]') !== null;
  }
  const presses = stroke === 'space' || stroke === 'enter';
  return presses && target.closest('button, a, summary, input, [role=button]') !== null;
}

const textFields = 'textarea, select, input:not([type=checkbox], [type=radio], [type=button])';
