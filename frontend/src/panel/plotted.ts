// What the panel's chart draws: one value per day and source, null if unknown. Pure.

import { SOURCES, type Source } from "../api/types";
import { dailyGains, daySeconds, lastDays, type Series } from "../chart/series";

export type Measure = "total" | "gain";
export type Scale = "linear" | "log";

/** `days` as seconds since 1970; only sources with at least one count. */
export interface Plotted {
  days: number[];
  lines: { source: Source; values: (number | null)[] }[];
}

/** The series of all sources over the days that any of them covers. A logarithmic scale cannot show zero and leaves a gap instead. */
export function plotted(series: Series, measure: Measure, scale: Scale): Plotted {
  const known = SOURCES.filter((source) => series[source].totals.length > 0);
  if (known.length === 0) return { days: [], lines: [] };
  const first = Math.min(...known.map((source) => series[source].first));
  const last = Math.max(...known.map((source) => series[source].first + series[source].totals.length - 1));
  const count = last - first + 1;
  return {
    days: Array.from({ length: count }, (_, index) => daySeconds(first + index)),
    lines: known.map((source) => {
      const values = lastDays(measure === "gain" ? dailyGains(series[source]) : series[source], last, count);
      return { source, values: scale === "log" ? values.map((one) => (one !== null && one > 0 ? one : null)) : values };
    }),
  };
}
