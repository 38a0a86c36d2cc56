// Counts over time: one entry per UTC day, null for a day without a reading. Pure. A day's gain is known only if the day before
// is known too, so a gap stays a gap and no day gets another day's plays.

import { SOURCES, type Graph, type Source } from "../api/types";

/** Totals of consecutive UTC days; `first` is the day of `totals[0]` as days since 1970. */
export interface Daily {
  first: number;
  totals: readonly (number | null)[];
}

export type Series = Record<Source, Daily>;

const DAY = 86_400_000;
const EMPTY: Daily = { first: 0, totals: [] };

/** The number of a day, given as 2026-01-31 or as a time. */
export function dayNumber(text: string): number {
  return Math.floor(Date.parse(text) / DAY);
}

/** The start of a day in seconds since 1970. */
export function daySeconds(day: number): number {
  return (day * DAY) / 1000;
}

/** Each track's series from the API's graph data, by track id. */
export function histories(graphs: readonly Graph[]): Map<string, Series> {
  return new Map(graphs.map((graph) => [graph.track_id, seriesOf(graph)]));
}

function seriesOf(graph: Graph): Series {
  const found = Object.fromEntries(SOURCES.map((source) => [source, daily(graph.readings[source] ?? [])]));
  return found as Series;
}

/** Readings `[time, total]`, oldest first, as a series of consecutive days. */
export function daily(readings: readonly (readonly [string, number])[]): Daily {
  const known = new Map(readings.map(([time, total]) => [dayNumber(time), total]));
  const days = [...known.keys()].filter((day) => Number.isFinite(day));
  if (days.length === 0) return EMPTY;
  const first = Math.min(...days);
  const length = Math.max(...days) - first + 1;
  return { first, totals: Array.from({ length }, (_, index) => known.get(first + index) ?? null) };
}

/** Each day's gain over the day before; null if either is unknown, as on the first day. */
export function dailyGains({ first, totals }: Daily): Daily {
  return { first, totals: totals.map((total, index) => difference(total, totals[index - 1])) };
}

/** The totals of the last `count` days up to `last`, one entry per day. */
export function lastDays({ first, totals }: Daily, last: number, count: number): (number | null)[] {
  return Array.from({ length: count }, (_, index) => totals[last - count + 1 + index - first] ?? null);
}

/** The last day that any of the series covers. */
export function lastDay(series: Series): number {
  return Math.max(...SOURCES.map((source) => series[source].first + series[source].totals.length - 1));
}

function difference(now: number | null | undefined, before: number | null | undefined): number | null {
  return now === null || now === undefined || before === null || before === undefined ? null : now - before;
}
