// Counts over time: one entry per UTC day, null for a day without a reading. Pure. A day's gain is known only if the day before
// is known too, so a gap stays a gap and no day gets another day's plays.

import type { ChartCounts, TrackDetails } from "../api/types";

/** Totals of consecutive UTC days; `first` is the day of `totals[0]` as days since 1970. */
export interface Daily {
  first: number;
  totals: readonly (number | null)[];
}

/** By source of counts; one that never counted the track is not there. */
export type Series = Readonly<Partial<Record<string, Daily>>>;

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

/** Each track's series from the counts of a chart, by track id. */
export function histories({ first_date, tracks }: ChartCounts): Map<string, Series> {
  const first = dayNumber(first_date);
  return new Map(tracks.map(({ track_id, counts }) => [track_id, mapped(counts, (totals) => trimmed(first, totals))]));
}

/** A track's series of the `count` days up to the day `last`. */
export function historyOf({ counts }: Pick<TrackDetails, "counts">, last: string, count: number): Series {
  const [from, until] = [dayNumber(last) - count + 1, dayNumber(last)];
  return mapped(counts, (readings) =>
    daily(
      readings
        .map((one) => [one.counted_at, one.count] as const)
        .filter(([time]) => dayNumber(time) >= from && dayNumber(time) <= until),
    ),
  );
}

function mapped<Given>(given: Record<string, Given>, series: (one: Given) => Daily): Series {
  const found = Object.entries(given).map(([source, one]) => [source, series(one)] as const);
  return Object.fromEntries(found.filter(([, one]) => one.totals.length > 0));
}

/** The totals from the first known one on. */
function trimmed(first: number, totals: readonly (number | null)[]): Daily {
  const begin = totals.findIndex((total) => total !== null);
  return begin === -1 ? EMPTY : { first: first + begin, totals: totals.slice(begin) };
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
  return Math.max(...Object.values(series).map((one) => (one ? one.first + one.totals.length - 1 : 0)));
}

function difference(now: number | null | undefined, before: number | null | undefined): number | null {
  return now === null || now === undefined || before === null || before === undefined ? null : now - before;
}
