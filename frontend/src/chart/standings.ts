// Where a track stood, day by day: as lines of ranks, the first at the top, and as facts. Pure.

import type { GenreStanding } from "../api/types";
import { dayNumber } from "./series";

/** A rank on each day of a span, null where it is not known. `key`: the service whose list it is; null for the chart. */
export interface RankLine {
  key: string | null;
  ranks: readonly (number | null)[];
}

export interface Ranks {
  /** The first and the last day, as days since 1970. */
  first: number;
  last: number;
  /** The lowest rank of all. */
  lowest: number;
  lines: readonly RankLine[];
}

/** At least so many ranks are shown, so that a step of one place looks like one. */
const FEWEST = 10;

/** A genre's ranks of the last so many days on which the track was anywhere in it. */
export function ranksOf(standing: GenreStanding, days: number): Ranks {
  const last = dayNumber(standing.last_date);
  const first = Math.max(dayNumber(standing.first_date), last - days + 1);
  const given = [[null, standing.chart] as const, ...Object.entries(standing.lists)];
  const lines = given.map(([key, ranks]) => {
    const known = new Map(ranks.map(({ date, rank }) => [dayNumber(date), rank]));
    return { key, ranks: Array.from({ length: last - first + 1 }, (_, index) => known.get(first + index) ?? null) };
  });
  const lowest = Math.max(FEWEST, ...lines.flatMap(({ ranks }) => ranks.map((one) => one ?? 0)));
  return { first, last, lowest, lines: lines.filter(({ ranks }) => ranks.some((one) => one !== null)) };
}

/** A standing as it was on a day; null where nothing of it was known by then. */
export function standingUntil(standing: GenreStanding, day: string): GenreStanding | null {
  if (standing.first_date > day) return null;
  const until = (ranks: GenreStanding["chart"]) => ranks.filter(({ date }) => date <= day);
  return {
    ...standing,
    last_date: standing.last_date > day ? day : standing.last_date,
    chart: until(standing.chart),
    lists: Object.fromEntries(Object.entries(standing.lists).map(([key, ranks]) => [key, until(ranks)])),
  };
}

/** The path of a line in a field of this size, the first rank at the top; a single day between gaps is a dot. */
export function rankPath({ ranks }: RankLine, lowest: number, width: number, height: number): string {
  const step = width / Math.max(1, ranks.length - 1);
  return ranks
    .map((rank, index) => {
      if (rank === null) return "";
      const x = (ranks.length === 1 ? width / 2 : index * step).toFixed(1);
      const y = (((rank - 1) / (lowest - 1)) * height).toFixed(1);
      const [before, after] = [ranks[index - 1] ?? null, ranks[index + 1] ?? null];
      return `${before === null ? "M" : "L"}${x} ${y}${before === null && after === null ? "h.1" : ""}`;
    })
    .join("");
}

/** The genres in which a track stood, the one where it came highest first. */
export function bestFirst<T extends { best_rank: number | null; days_on_chart: number }>(genres: readonly T[]): T[] {
  return [...genres].sort(
    (one, other) =>
      (one.best_rank ?? Number.POSITIVE_INFINITY) - (other.best_rank ?? Number.POSITIVE_INFINITY) ||
      other.days_on_chart - one.days_on_chart,
  );
}

/** The best rank among some; null if there are none. */
export function best(ranks: readonly { rank: number }[]): number | null {
  return ranks.length === 0 ? null : Math.min(...ranks.map((one) => one.rank));
}
