// Daily plays of the last days as a small line per source. A day without a known count is a gap.

import type { Service } from "../api/types";
import { classOf } from "../chart/services";
import { dailyGains, dayNumber, lastDay, lastDays, type Series } from "../chart/series";

const DAYS = 28;
const WIDTH = 96;
const HEIGHT = 28;

interface Props {
  series: Series;
  sources: readonly Service[];
  until: string | null;
}

/** `until` is the last day of the line; null means the last known day. */
export function Sparkline({ series, sources, until }: Props) {
  const last = until === null ? lastDay(series) : dayNumber(until);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      {sources.map(({ service }) => {
        const daily = series[service];
        return daily === undefined ? null : (
          <path
            key={service}
            class={`line ${classOf(service)}`}
            d={linePath(lastDays(dailyGains(daily), last, DAYS))}
          />
        );
      })}
    </svg>
  );
}

/** The path of the values, from zero at the bottom to the largest at the top; a single value between gaps is a dot. */
export function linePath(values: readonly (number | null)[], width = WIDTH, height = HEIGHT): string {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const step = width / Math.max(1, values.length - 1);
  const parts: string[] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const x = (index * step).toFixed(1);
    const y = (height - 2 - (Math.max(0, value) / most) * (height - 4)).toFixed(1);
    const [before, after] = [values[index - 1] ?? null, values[index + 1] ?? null];
    parts.push(before === null ? `M${x} ${y}` : `L${x} ${y}`);
    if (before === null && after === null) parts.push("h.1");
  });
  return parts.join("");
}
