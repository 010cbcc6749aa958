import { expect, test } from 'vitest';
import { isTyping, type KeyStroke, normalKeys, shownKeys, strokeOf } from './combination.ts';

function stroke(key: string, held: Partial<KeyStroke> = {}): string {
  return strokeOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
}

test('a stroke is found under the keys that a command names', () => {
  expect(stroke('k', { ctrlKey: true })).toBe(normalKeys('Mod+K'));
  expect(stroke('k', { metaKey: true })).toBe(normalKeys('mod+k'));
  expect(stroke('N', { ctrlKey: true, shiftKey: true })).toBe(normalKeys('shift+mod+n'));
  expect(stroke(' ')).toBe(normalKeys('space'));
  expect(stroke('ArrowLeft', { shiftKey: true })).toBe(normalKeys('shift+arrowleft'));
});

test('a sign is itself, whatever keys it takes', () => {
  // `?` is shift and `ß` on one keyboard, shift and `/` on another.
  expect(stroke('?', { shiftKey: true })).toBe(normalKeys('?'));
  expect(stroke('+')).toBe(normalKeys('+'));
  expect(stroke('+', { ctrlKey: true, shiftKey: true })).toBe(normalKeys('mod++'));
});

test('keys are shown as the keyboard names them', () => {
  expect(shownKeys('mod+shift+n', false)).toBe('Ctrl Shift N');
  expect(shownKeys('mod+k', true)).toBe('⌘ K');
  expect(shownKeys('arrowright', false)).toBe('→');
  expect(shownKeys('mod++', false)).toBe('Ctrl +');
});

test('a text field keeps what types and edits, and leaves the rest', () => {
  for (const keys of ['d', '?', 'arrowleft', 'enter', 'mod+z', 'mod+shift+z', 'mod+arrowleft', 'alt+1']) {
    expect(isTyping(normalKeys(keys))).toBe(true);
  }
  for (const keys of ['mod+k', 'mod+enter']) expect(isTyping(normalKeys(keys))).toBe(false);
});
