import { describe, expect, test } from "vitest";

import type { Genre } from "../src/api/types";
import { countryName, foundGenres, marketsOf, siblings } from "../src/chart/genres";

function genre(key: string, name: string): Genre {
  const [family = key, market] = key.split("--");
  return { genre: key, name, family, market: market?.toUpperCase() ?? null, date: "2026-01-31", upstream: "sandbox" };
}

const GENRES = [
  genre("rap", "Rap"),
  genre("rap--us", "Rap (US)"),
  genre("rap--br", "Rap (Brasil)"),
  genre("k-pop--kr", "K-Pop"),
];
const keys = (found: readonly Genre[]) => found.map((one) => one.genre);

describe("finding a genre", () => {
  test("goes by name, key and country, in any order, without accents and case", () => {
    expect(keys(foundGenres(GENRES, "RÁP united", ""))).toEqual(["rap--us"]);
    expect(keys(foundGenres(GENRES, "korea", ""))).toEqual(["k-pop--kr"]);
    expect(keys(foundGenres(GENRES, "brazil rap", ""))).toEqual(["rap--br"]);
    expect(keys(foundGenres(GENRES, " ", ""))).toEqual(keys(GENRES));
    expect(keys(foundGenres(GENRES, "polka", ""))).toEqual([]);
  });

  test("in one market leaves out the others", () => {
    expect(keys(foundGenres(GENRES, "", "US"))).toEqual(["rap--us"]);
    expect(keys(foundGenres(GENRES, "k-pop", "US"))).toEqual([]);
  });

  test("offers the markets that there are by their countries' names", () => {
    expect(marketsOf(GENRES).map(countryName)).toEqual(["Brazil", "South Korea", "United States"]);
    expect(marketsOf([genre("rap", "Rap")])).toEqual([]);
  });

  test("knows the same genre in other markets", () => {
    expect(keys(siblings(GENRES, "rap--us"))).toEqual(["rap", "rap--br"]);
    expect(siblings(GENRES, "k-pop--kr")).toEqual([]);
    expect(siblings(GENRES, null)).toEqual([]);
  });
});
