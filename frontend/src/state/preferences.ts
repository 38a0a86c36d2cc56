// The visitor's lasting choices, stored in the browser: the theme, and whether single-key shortcuts work.

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const THEME = "tunemeld-theme";
const KEYS = "tunemeld-keys";
const PLAYED_ON = "tunemeld-player";

export const theme = signal<Theme>(themeOf(kept(THEME)));
export const keysOn = signal(kept(KEYS) !== "off");
/** The service on which the visitor last chose to listen. */
export const playedOn = signal(kept(PLAYED_ON));

/** Applies the choices now and after every change. */
export function applyPreferences(): void {
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    keep(THEME, theme.value === "system" ? null : theme.value);
  });
  effect(() => keep(KEYS, keysOn.value ? null : "off"));
  effect(() => keep(PLAYED_ON, playedOn.value));
}

/** The theme with this name, or the system's. */
export function themeOf(text: string | null): Theme {
  return text === "light" || text === "dark" ? text : "system";
}

// A browser may refuse to store anything; then a choice lasts until the page is closed.
function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // See above.
  }
}
