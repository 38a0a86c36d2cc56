// Rows and series for the tests: invented, and only as detailed as a test needs.

import type { Source } from "../src/api/types";
import type { Row } from "../src/chart/rows";
import { folded } from "../src/chart/searching";
import { daily, type Series } from "../src/chart/series";

const NO_COUNTS: Record<Source, number | null> = { Youtube: null, Spotify: null, SoundCloud: null };

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
    totals: NO_COUNTS,
    gains: NO_COUNTS,
    searched: folded(`${title} ${artist}`),
    ...change,
  };
}

export function counts(change: Partial<Record<Source, number | null>>): Record<Source, number | null> {
  return { ...NO_COUNTS, ...change };
}

export function series(youtube: readonly (readonly [string, number])[]): Series {
  return { Youtube: daily(youtube), Spotify: daily([]), SoundCloud: daily([]) };
}
