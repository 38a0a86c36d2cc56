import { describe, expect, test } from "vitest";

import type { Chart, ChartTrack } from "../src/api/types";
import { chartRows } from "../src/chart/rows";
import { movementText } from "../src/components/Movement";
import { LISTED, QUIET, VIDEOS } from "./examples";

const TRACK: ChartTrack = {
  rank: 1,
  track_id: "XX1",
  isrc: "XX1",
  isrcs: ["XX1"],
  title: "<script>alert(1)</script>",
  artist: "Somebody",
  cover_url: "data:image/png;base64,x",
  video_url: "https://videos.example/watch?v=ab_1",
  duration_ms: null,
  score: 0.1,
  services: {
    Listed: { rank: 4, url: "https://listed.example/1", contribution: 1 },
    QuietList: { rank: 1, url: "javascript:alert(1)", contribution: null },
  },
  status: "up",
  movement: 2,
  previous_rank: 3,
  peak_rank: 1,
  peak_date: "2026-01-09",
  days_on_chart: 8,
  weeks_on_chart: 2,
  counts: {
    Videos: {
      last: { count: 80, counted_at: "2026-01-09T02:30:00Z" },
      first_of_week: null,
      gain_of_week: null,
      gain_7d: 70,
    },
    Listed: { last: null, first_of_week: null, gain_of_week: null, gain_7d: null },
  },
  match: { method: "isrc", confidence: 1 },
};

/** A recording of which nothing but its place on that day is kept. */
const UNKNOWN: ChartTrack = {
  ...TRACK,
  rank: 2,
  track_id: "XX2",
  isrc: null,
  title: null,
  artist: null,
  cover_url: null,
  video_url: null,
  services: {},
  counts: {},
};

const CHART = { tracks: [TRACK, UNKNOWN] } as unknown as Chart;

describe("a chart's rows", () => {
  const [first, second] = chartRows(CHART, [LISTED, QUIET, VIDEOS]);

  test("have the last counts and the gains, if known", () => {
    expect(first?.totals).toEqual({ Videos: 80 });
    expect(first?.gains).toEqual({ Videos: 70 });
    expect(second?.totals).toEqual({});
  });

  test("say how a track moved, its peak and its weeks", () => {
    expect([first?.status, first?.movement, first?.previousRank]).toEqual(["up", 2, 3]);
    expect([first?.peak, first?.peakDate, first?.weeks]).toEqual([1, "2026-01-09", 2]);
  });

  test("link only to http addresses, and to a video under the service that plays it", () => {
    expect(first?.links).toEqual({ Listed: "https://listed.example/1", Videos: "https://videos.example/watch?v=ab_1" });
    expect(first?.cover).toBeNull();
    expect(first?.positions).toEqual({ Listed: 4, QuietList: 1 });
    expect(first?.contributions).toEqual({ Listed: 1 });
    expect(second?.links).toEqual({});
  });

  test("have a name to click on, even if none was stored", () => {
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
  ] as const)("of %j has a sign for the eye and words for screen readers", (row, sign, said) => {
    expect(movementText(row)).toEqual([sign, said]);
  });
});
