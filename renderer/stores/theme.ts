import { defineStore } from 'pinia';
import { ref } from 'vue';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'halftone-theme';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

function isTheme(value: string | null): value is Theme {
  return themes.some((theme) => theme === value);
}

/** The person's choice of theme, kept in this browser or window; the system's by default. */
export const useTheme = defineStore('theme', () => {
  const kept = window.localStorage.getItem(KEY);
  const theme = ref<Theme>(isTheme(kept) ? kept : 'system');

  /** Shows the choice: the style sheet follows `data-theme`, or the system where there is none. */
  function apply(): void {
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  }

  function choose(next: Theme): void {
    theme.value = next;
    window.localStorage.setItem(KEY, next);
    apply();
  }

  return { theme, themes, apply, choose };
});
