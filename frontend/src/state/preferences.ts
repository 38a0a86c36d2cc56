// The visitor's lasting choices, stored in the browser: the theme, and whether single-key shortcuts work.

import { effect, signal } from "@preact/signals";

import { keep, kept } from "./storage";

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
  effect(() => void keep(KEYS, keysOn.value ? null : "off"));
  effect(() => void keep(PLAYED_ON, playedOn.value));
}

/** The theme with this name, or the system's. */
export function themeOf(text: string | null): Theme {
  return text === "light" || text === "dark" ? text : "system";
}
