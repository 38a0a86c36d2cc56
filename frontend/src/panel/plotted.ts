// What the panel's chart draws: one value per day and source, null if unknown. Pure.

import type { Service } from "../api/types";
import { dailyGains, daySeconds, lastDays, type Series } from "../chart/series";

export type Measure = "total" | "gain";
/** `own`: each source in a plot with a scale of its own, so that the one with most does not flatten the others. */
export type Scale = "own" | "linear" | "log";

/** `days` as seconds since 1970; only sources with at least one count. */
export interface Plotted {
  days: number[];
  lines: { source: Service; values: (number | null)[] }[];
}

/** What is drawn in each plot, from the top. */
export function plots(data: Plotted, scale: Scale): Plotted[] {
  return scale === "own" && data.lines.length > 1 ? data.lines.map((line) => ({ ...data, lines: [line] })) : [data];
}

/** The series of all sources over the days that any of them covers. A logarithmic scale cannot show zero and leaves a gap instead. */
export function plotted(series: Series, sources: readonly Service[], measure: Measure, scale: Scale): Plotted {
  const known = sources.flatMap((source) => {
    const totals = series[source.service];
    return totals === undefined || totals.totals.length === 0 ? [] : [{ source, totals }];
  });
  if (known.length === 0) return { days: [], lines: [] };
  const first = Math.min(...known.map(({ totals }) => totals.first));
  const last = Math.max(...known.map(({ totals }) => totals.first + totals.totals.length - 1));
  const count = last - first + 1;
  return {
    days: Array.from({ length: count }, (_, index) => daySeconds(first + index)),
    lines: known.map(({ source, totals }) => {
      const values = lastDays(measure === "gain" ? dailyGains(totals) : totals, last, count);
      return { source, values: scale === "log" ? values.map((one) => (one !== null && one > 0 ? one : null)) : values };
    }),
  };
}
