// Counts over time: one place per UTC day, null where nothing was read. Pure. The gain of a day is only known where the day before
// is, so that a gap stays a gap and no day carries another's plays.

import { SOURCES, type Graph, type Source } from "../api/types";

/** Totals of consecutive UTC days; `first` is the day of `totals[0]` as days since 1970. */
export interface Daily {
  first: number;
  totals: readonly (number | null)[];
}

export type Series = Record<Source, Daily>;

const DAY = 86_400_000;
const EMPTY: Daily = { first: 0, totals: [] };

/** The number of a day written as 2026-01-31 or as a time. */
export function dayNumber(text: string): number {
  return Math.floor(Date.parse(text) / DAY);
}

/** The seconds since 1970 at which a day begins. */
export function daySeconds(day: number): number {
  return (day * DAY) / 1000;
}

/** What the API's graph data say of each track, by its id. */
export function histories(graphs: readonly Graph[]): Map<string, Series> {
  return new Map(graphs.map((graph) => [graph.track_id, seriesOf(graph)]));
}

function seriesOf(graph: Graph): Series {
  const found = Object.fromEntries(SOURCES.map((source) => [source, daily(graph.readings[source] ?? [])]));
  return found as Series;
}

/** Readings `[time, total]`, oldest first, as days in a row. */
export function daily(readings: readonly (readonly [string, number])[]): Daily {
  const known = new Map(readings.map(([time, total]) => [dayNumber(time), total]));
  const days = [...known.keys()].filter((day) => Number.isFinite(day));
  if (days.length === 0) return EMPTY;
  const first = Math.min(...days);
  const length = Math.max(...days) - first + 1;
  return { first, totals: Array.from({ length }, (_, index) => known.get(first + index) ?? null) };
}

/** The gain of each day on the day before; null where either is unknown, as on the first. */
export function dailyGains({ first, totals }: Daily): Daily {
  return { first, totals: totals.map((total, index) => difference(total, totals[index - 1])) };
}

/** The last so many days until `last`, one place each. */
export function lastDays({ first, totals }: Daily, last: number, count: number): (number | null)[] {
  return Array.from({ length: count }, (_, index) => totals[last - count + 1 + index - first] ?? null);
}

/** The last day that any of the series has. */
export function lastDay(series: Series): number {
  return Math.max(...SOURCES.map((source) => series[source].first + series[source].totals.length - 1));
}

function difference(now: number | null | undefined, before: number | null | undefined): number | null {
  return now === null || now === undefined || before === null || before === undefined ? null : now - before;
}
