import { describe, expect, test } from "vitest";

import type { Genre, SearchResults } from "../src/api/types";
import { findings, isNearly, searchPath } from "../src/chart/finding";

const GENRES = [
  { genre: "pop", name: "Pop" },
  { genre: "hip-hop", name: "Rap & Hip-Hop" },
] as Genre[];

const RESULTS: SearchResults = {
  artists: [{ slug: "the-unpaid-mosaics", artist: "", name: "The Unpaid Mosaics", country: "DE" }],
  tracks: [
    {
      track_id: "QZ1",
      track: "",
      title: "Unpaid Meridian",
      artists: [{ slug: "ona-vale", artist: "", name: "Ona Vale" }],
      cover_url: "javascript:alert(1)",
      genres: ["pop"],
    },
  ],
};

const kinds = (text: string, results: SearchResults | null = RESULTS) =>
  findings(text, GENRES, results, 5).map((one) => one.kind);

describe("a search over everything", () => {
  test("leads to the page of each thing that was found", () => {
    const [songs, artists] = findings("unpiad merid", GENRES, RESULTS, 5);
    expect(songs?.items[0]).toMatchObject({ by: "Ona Vale", cover: null, change: { place: "track", id: "QZ1" } });
    expect(artists?.items[0]?.change).toEqual({ place: "artist", id: "the-unpaid-mosaics" });
  });

  test("shows the kind first whose name has most of the words", () => {
    expect(kinds("unpaid meridian")).toEqual(["track", "artist"]);
    expect(kinds("the unpaid")).toEqual(["artist", "track"]);
    expect(findings("unpaid", GENRES, RESULTS, 0)).toEqual([]);
  });

  test.each(["hip", "HÍP hop", "rap", "hpi-hop"])("finds genres by name or key: %s", (text) => {
    const found = findings(text, GENRES, null, 5).flatMap((one) => one.items);
    expect(found.map((one) => one.change)).toEqual(
      text.startsWith("hpi") ? [] : [{ place: "chart", genre: "hip-hop" }],
    );
  });

  test.each(["", "  ", "–!"])("of no word is none: %s", (text) => {
    expect(searchPath(text)).toBeNull();
    expect(kinds(text)).toEqual([]);
  });

  test("has one path for the same words", () => {
    expect(searchPath("  Ona   Vále & co ")).toBe("/v1/search?q=ona+v%C3%A1le+%26+co");
  });
});

test.each([
  ["unpaid", "unpaid", true],
  ["unpiad", "unpaid", true],
  ["unpad", "unpaid", true],
  ["unpaaid", "unpaid", true],
  ["unpoid", "unpaid", true],
  ["unpaad", "unpaids", false],
  ["onpoid", "unpaid", false],
  ["pap", "pop", false],
])("%s is nearly %s: %s", (word, name, expected) => expect(isNearly(word, name)).toBe(expected));
