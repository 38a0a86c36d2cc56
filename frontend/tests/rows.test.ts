import { describe, expect, test } from "vitest";

import type { Chart, ChartTrack } from "../src/api/types";
import { chartRows } from "../src/chart/rows";
import { movementText } from "../src/components/Movement";

const COUNTED = {
  initial_count_json: { initial_timestamp: "2026-01-03T02:30:00+00:00", initial_view_count: 20 },
  current_count_json: { current_timestamp: "2026-01-09T02:30:00+00:00", current_view_count: 80 },
};

/** A source that never counted the track, in the words of the older page. */
const NEVER_COUNTED: ChartTrack["view_count_data_json"][string] = {
  initial_count_json: { initial_timestamp: null, initial_view_count: "" },
  current_count_json: { current_timestamp: null, current_view_count: "" },
};

const TRACK: ChartTrack = {
  rank: 1,
  track_id: "XX1",
  isrc: "XX1",
  track_name: "<script>alert(1)</script>",
  artist_name: "Somebody",
  track_url: "https://open.spotify.com/track/1",
  album_cover_url: "data:image/png;base64,x",
  youtube_url: null,
  duration_ms: null,
  last_seen_at: null,
  source_name: "Spotify",
  genre_name: "pop",
  match: { method: "isrc", confidence: 1 },
  service_track_id: null,
  album_id: null,
  play_count: null,
  previous_rank: 3,
  movement: 2,
  status: "up",
  peak_rank: 1,
  peak_date: "2026-01-09",
  days_on_chart: 8,
  weeks_on_chart: 2,
  sources: { Spotify: 4, Tidal: 1 },
  additional_sources: { AppleMusic: "javascript:alert(1)", Tidal: "https://tidal.example/1" },
  score: 0.1,
  contributions: { Spotify: 1 },
  raw_aggregate_rank: 4,
  aggregate_service_name: "Spotify",
  isrcs: [],
  other_ids: [],
  view_count_data_json: { Youtube: COUNTED, Spotify: NEVER_COUNTED },
  gain_7d: { Youtube: 70, Spotify: null, SoundCloud: null },
};

/** A recording of which nothing but its place on that day is kept. */
const UNKNOWN: ChartTrack = {
  ...TRACK,
  rank: 2,
  track_id: "XX2",
  isrc: null,
  track_name: "",
  artist_name: "",
  track_url: "",
  album_cover_url: null,
  additional_sources: {},
  view_count_data_json: {},
  gain_7d: {},
};

const CHART: Chart = {
  insert_timestamp: "2026-01-09T02:30:00Z",
  run_id: "a-run",
  upstream: "sandbox",
  schema_version: 1,
  genre_name: "pop",
  service_name: "Aggregate",
  tracks: [TRACK, UNKNOWN],
  ranking: { rule: "centroids", phi: 0.95, weights: {}, stale_discount: 0.8 },
  coverage: {},
  count_errors: {},
  matched_share: {},
  outcomes: {},
  quota: {},
  rolled_back_to: null,
  only_service: null,
  held: false,
};

describe("a chart's rows", () => {
  const [first, second] = chartRows(CHART);

  test("have the last counts and the gains, if known", () => {
    expect(first?.totals).toEqual({ Youtube: 80, Spotify: null, SoundCloud: null });
    expect(first?.gains.Youtube).toBe(70);
    expect(second?.totals.Youtube).toBeNull();
  });

  test("say how a track moved, its peak and its weeks", () => {
    expect([first?.status, first?.movement, first?.previousRank]).toEqual(["up", 2, 3]);
    expect([first?.peak, first?.peakDate, first?.weeks]).toEqual([1, "2026-01-09", 2]);
  });

  test("link only to http addresses on services that the page knows", () => {
    expect(first?.links).toEqual({ Spotify: "https://open.spotify.com/track/1" });
    expect(first?.cover).toBeNull();
    expect(first?.positions).toEqual({ Spotify: 4 });
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
