// Finding one of many genres by its name, its key or its market. Pure.

import type { Genre } from "../api/types";
import { LOCALE } from "../texts";
import { folded } from "./searching";

/** As many genres as stand side by side; more of them get a list that can be searched. The server draws the same (page_head.py). */
export const SIDE_BY_SIDE = 12;

const countries = new Intl.DisplayNames(LOCALE, { type: "region", fallback: "code" });

/** The name of a market's country in the visitor's language: US as United States. */
export function countryName(market: string): string {
  return countries.of(market) ?? market;
}

/** The markets that any genre names, by their countries' names. */
export function marketsOf(genres: readonly Genre[]): string[] {
  const named = new Set(genres.map((one) => one.market).filter((one) => one !== null));
  return [...named].sort((a, b) => countryName(a).localeCompare(countryName(b), LOCALE));
}

/** The genres of a market, or of all if it is empty, with every word of the query somewhere in their names or their countries' names. */
export function foundGenres(genres: readonly Genre[], query: string, market: string): readonly Genre[] {
  const words = folded(query).split(" ").filter(Boolean);
  return genres.filter((one) => {
    if (market !== "" && one.market !== market) return false;
    const searched = folded(`${one.name} ${one.genre} ${one.market === null ? "" : countryName(one.market)}`);
    return words.every((word) => searched.includes(word));
  });
}

/** The same genre in other markets, or in none. */
export function siblings(genres: readonly Genre[], key: string | null): readonly Genre[] {
  const family = genres.find((one) => one.genre === key)?.family;
  return genres.filter((one) => one.family === family && one.genre !== key);
}
