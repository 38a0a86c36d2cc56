import { describe, expect, test } from "vitest";

import type { PastChart } from "../src/api/types";
import { movementText } from "../src/components/Movement";
import { pastRows } from "../src/chart/rows";
import { series } from "./examples";

const PAST: PastChart = {
  genre_name: "pop",
  date: "2026-01-09",
  tracks: [
    {
      rank: 1,
      track_id: "XX1",
      isrc: "XX1",
      track_name: "<script>alert(1)</script>",
      artist_name: "Somebody",
      track_url: "https://open.spotify.com/track/1",
      track_urls: {
        Spotify: "https://open.spotify.com/track/1",
        AppleMusic: "javascript:alert(1)",
        Tidal: "https://tidal.example/1",
      },
      album_cover_url: "data:image/png;base64,x",
      youtube_url: null,
      sources: { Spotify: 4, Tidal: 1 },
    },
    {
      rank: 2,
      track_id: "XX2",
      isrc: null,
      track_name: null,
      artist_name: null,
      track_url: null,
      track_urls: {},
      album_cover_url: null,
      youtube_url: null,
      sources: {},
    },
  ],
  matched_share: {},
  coverage: {},
};

describe("a past day's rows", () => {
  const counted = series(
    Array.from({ length: 12 }, (_, day) => [`2026-01-${String(day + 1).padStart(2, "0")}`, 10 * day]),
  );
  const [first, second] = pastRows(PAST, new Map([["XX1", counted]]));

  test("have the counts of that day, where they are known", () => {
    expect(first?.totals).toEqual({ Youtube: 80, Spotify: null, SoundCloud: null });
    expect(first?.gains.Youtube).toBe(70);
    expect(second?.totals.Youtube).toBeNull();
  });

  test("link only to addresses of the web on services that the page knows", () => {
    expect(first?.links).toEqual({ Spotify: "https://open.spotify.com/track/1" });
    expect(first?.cover).toBeNull();
    expect(first?.positions).toEqual({ Spotify: 4 });
  });

  test("have a name to click on, also where none was kept", () => {
    expect(first?.title).toBe("<script>alert(1)</script>");
    expect([second?.title, second?.artist]).toEqual(["Unknown title", ""]);
  });
});

describe("movement", () => {
  test.each([
    [{ status: "up", movement: 3 }, "▲ 3", "up 3 places"],
    [{ status: "down", movement: -1 }, "▼ 1", "down 1 place"],
    [{ status: "new", movement: null }, "NEW", "new on the chart"],
    [{ status: "re", movement: null }, "RE", "back on the chart"],
    [{ status: "same", movement: 0 }, "=", "same place"],
    [{ status: null, movement: null }, "–", "movement unknown"],
  ] as const)("of %j is told to those who see it and to those who hear it", (row, sign, said) => {
    expect(movementText(row)).toEqual([sign, said]);
  });
});
