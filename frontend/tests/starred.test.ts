import { describe, expect, test } from "vitest";

import type { FollowedTrack } from "../src/api/types";
import { merged, MOST_STARS, starredSongs, starsIn, starsText, type Star } from "../src/chart/starred";
import { standingUntil } from "../src/chart/standings";
import { embedCode, fileAddress, rowsText } from "../src/chart/sharing";

const star = (id: string): Star => ({ id, title: `Song ${id}`, artist: "Ona Vale", since: "2026-01-31" });

function followed(asked: string, rank: number | null, change: Partial<FollowedTrack> = {}): FollowedTrack {
  return {
    asked,
    track_id: asked,
    track: "",
    title: `Song ${asked}, as it is called now`,
    artists: [],
    cover_url: "javascript:alert(1)",
    video_url: null,
    addresses: {},
    genres: [
      {
        genre: "pop",
        first_date: "2026-01-01",
        last_date: "2026-01-30",
        days_on_chart: 3,
        best_rank: 2,
        date: "2026-01-31",
        rank,
      },
    ],
    ...change,
  };
}

describe("starred songs", () => {
  test("are read as they were written", () => {
    const stars = [star("1"), star("QuietList:2")];
    expect(starsIn(starsText(stars))).toEqual(stars);
  });

  test.each([null, "", "{", "[]", "null", '{"format":"other","songs":[]}', '{"format":"tunemeld-stars-1"}'])(
    "are not in %s",
    (text) => expect(starsIn(text)).toBeNull(),
  );

  test("of a file that somebody changed are those that are whole", () => {
    const songs = [star("1"), null, 7, {}, { id: "a,b" }, { id: "2", title: 5 }, star("1")];
    expect(starsIn(JSON.stringify({ format: "tunemeld-stars-1", songs }))).toEqual([
      star("1"),
      { id: "2", title: "", artist: "", since: "" },
    ]);
  });

  test("are merged without doubles, and are no more than a browser keeps", () => {
    expect(merged([star("1")], [star("2"), star("1")]).map((one) => one.id)).toEqual(["2", "1"]);
    const many = Array.from({ length: MOST_STARS + 1 }, (_, index) => star(String(index)));
    expect(merged([], many)).toHaveLength(MOST_STARS);
  });

  test("stand where they are now, then those that are gone, and last those that nobody knows", () => {
    const stars = ["lost", "gone", "low", "high"].map(star);
    const songs = starredSongs(stars, [followed("gone", null), followed("low", 9), followed("high", 2)], [], (genre) =>
      genre.toUpperCase(),
    );
    expect(songs.map(({ id, said }) => [id, said])).toEqual([
      ["high", "Number 2 in POP, its best"],
      ["low", "Number 9 in POP, best 2"],
      ["gone", "Not on a chart now. Best: number 2 in POP, last seen Jan 30, 2026"],
      ["lost", ""],
    ]);
    expect(songs.map((one) => one.title)).toContain("Song lost");
    expect(songs[0]).toMatchObject({ cover: null, artist: "Ona Vale" });
  });
});

test("a standing until a day knows nothing of later", () => {
  const ranks = [
    { date: "2026-01-29", rank: 3 },
    { date: "2026-01-31", rank: 1 },
  ];
  const whole = {
    genre: "pop",
    first_date: "2026-01-29",
    last_date: "2026-01-31",
    days_on_chart: 2,
    best_rank: 1,
    best_rank_date: "2026-01-31",
    chart: ranks,
    lists: { One: ranks },
  };
  expect(standingUntil(whole, "2026-01-30")).toMatchObject({ last_date: "2026-01-30", chart: [ranks[0]] });
  expect(standingUntil(whole, "2026-01-28")).toBeNull();
});

describe("what is shared", () => {
  test("has the chart as a file of its day", () => {
    expect(fileAddress("", "rap--us", "jspf", "2026-01-31")).toBe("/v1/export/rap--us.jspf?date=2026-01-31");
    expect(fileAddress("https://api.example", "pop", "csv", null)).toBe("https://api.example/v1/export/pop.csv");
  });

  test("has the rows as lines, and code in which no title is markup", () => {
    const rows = [{ rank: 1, title: "Song", artist: "" }];
    expect(rowsText("Pop chart", rows, "https://t.example/")).toBe("Pop chart\n1. Song\nhttps://t.example/");
    expect(embedCode("https://t.example", "r&b", '"R&B" <top>')).toContain('title="&quot;R&amp;B&quot; &lt;top>"');
  });
});
