// The page's texts in the visitor's language. They stand in django_backend/texts, a file for each language, which the server reads too.
// English is part of the page; another language loads before anything that shows a text.

import { page as english } from "../../django_backend/texts/en.json";

/** Each language by its code: its own name for itself, and how its texts are loaded. */
const LANGUAGES = {
  en: { name: "English", load: () => Promise.resolve(english) },
  de: { name: "Deutsch", load: async () => (await import("../../django_backend/texts/de.json")).page },
} as const;

export type Language = keyof typeof LANGUAGES;
export type TextKey = keyof typeof english;

/** The parameter of an address that names a language; the server reads it too. */
export const LANGUAGE_PARAMETER = "lang";
const CHOSEN = "tunemeld-language";

/** The codes of all languages with the languages' own names. */
export const LANGUAGE_NAMES = Object.entries(LANGUAGES).map(([code, { name }]) => [code as Language, name] as const);

/** The language of the page: the one in the address, else the one chosen before, else the first of the browser's that there is. */
export const LANGUAGE = spoken();

/** The visitor's own variety of the page's language, for numbers and dates. */
export const LOCALE = preferred().find((one) => codeOf(one) === LANGUAGE) ?? LANGUAGE;

// Without the other language's file the page is in English and not empty.
const TEXTS: typeof english = await LANGUAGES[LANGUAGE].load().catch(() => english);

const numbers = new Intl.NumberFormat(LOCALE);
const plurals = new Intl.PluralRules(LANGUAGE);

/** A text with its values; numbers are written as in the visitor's locale, and `count` decides between singular and plural. */
export function words(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  const found: string | Readonly<Record<"one" | "other", string>> = TEXTS[key];
  const form = typeof found === "string" ? found : found[formOf(values.count)];
  return form.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? numbers.format(value) : value;
  });
}

/** A text without values, taken apart: what stands around its values, and at every other place the name of a value. */
export function piecesOf(key: TextKey): string[] {
  const found: string | Readonly<Record<"one" | "other", string>> = TEXTS[key];
  return (typeof found === "string" ? found : found.other).split(/\{(\w+)\}/);
}

/** Whether there is a text of this name, for names that come from elsewhere. */
export function isText(key: string): key is TextKey {
  return key in english;
}

/** Remembers the language for addresses that name none. */
export function chooseLanguage(language: Language): void {
  try {
    localStorage.setItem(CHOSEN, language);
  } catch {
    // A browser may refuse to store anything; then the language is that of the address.
  }
}

function formOf(count: string | number | undefined): "one" | "other" {
  return typeof count === "number" && plurals.select(count) === "one" ? "one" : "other";
}

function spoken(): Language {
  const wanted = [addressed(), chosen(), ...preferred().map(codeOf)];
  return wanted.find((one): one is Language => one !== null && Object.hasOwn(LANGUAGES, one)) ?? "en";
}

function addressed(): string | null {
  return typeof location === "undefined" ? null : new URLSearchParams(location.search).get(LANGUAGE_PARAMETER);
}

function chosen(): string | null {
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
}

function preferred(): readonly string[] {
  return typeof navigator === "undefined" ? [] : navigator.languages;
}

function codeOf(locale: string): string {
  return locale.split("-", 1)[0] ?? locale;
}
