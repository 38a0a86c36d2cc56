// Services, rows and series for the tests: invented, and only as detailed as a test needs.

import type { Service } from "../src/api/types";
import type { ByService, Row } from "../src/chart/rows";
import { folded } from "../src/chart/searching";
import { daily, type Series } from "../src/chart/series";

export function service(key: string, change: Partial<Service> = {}): Service {
  return {
    service: key,
    name: key,
    short: key.slice(0, 2).toUpperCase(),
    kind: "editorial",
    gives: ["lists", "counts"],
    unit: "plays",
    counts_need: [],
    sources: [],
    hosts: [],
    colours: { on_light: "#0b7335", on_dark: "#4bd681" },
    player: null,
    ...change,
  };
}

/** Two services with lists, of which the first counts too, and one that only counts. */
export const LISTED = service("Listed");
export const QUIET = service("QuietList", { name: "Quiet List", gives: ["lists"], unit: null });
export const VIDEOS = service("Videos", {
  gives: ["counts"],
  unit: "views",
  kind: null,
  player: {
    track: "https://(?:www\\.)?videos\\.example/watch\\?v=(\\w{4})(?!\\w)",
    address: "https://player.videos.example/{1}",
    height: null,
  },
});
export const SERVICES = { listing: [LISTED, QUIET], counting: [LISTED, VIDEOS] };

export function row(rank: number, change: Partial<Row> = {}): Row {
  const title = change.title ?? `Song ${rank}`;
  const artist = change.artist ?? "Somebody";
  return {
    rank,
    id: `XX${rank}`,
    isrc: `XX${rank}`,
    title,
    artist,
    cover: null,
    links: {},
    positions: {},
    contributions: {},
    status: "same",
    movement: 0,
    previousRank: rank,
    peak: rank,
    peakDate: null,
    weeks: 1,
    totals: {},
    gains: {},
    searched: folded(`${title} ${artist}`),
    ...change,
  };
}

export function counts(change: ByService<number | null>): ByService<number | null> {
  return change;
}

export function series(videos: readonly (readonly [string, number])[]): Series {
  return { Videos: daily(videos) };
}
