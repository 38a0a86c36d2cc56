// A track's ranks in one genre over time: the chart's in ink, each service's list in its colour, and all of them as a table.

import { useMemo } from "preact/hooks";

import type { GenreStanding, Service } from "../api/types";
import { dayText } from "../chart/formatting";
import { daySeconds } from "../chart/series";
import { classOf } from "../chart/services";
import { rankPath, ranksOf } from "../chart/standings";
import { words } from "../texts";

const [WIDTH, HEIGHT] = [800, 240];

interface Props {
  standing: GenreStanding;
  services: readonly Service[];
  days: number;
  /** What it is, for who hears it. */
  label: string;
}

export function RankChart({ standing, services, days, label }: Props) {
  const { first, last, lowest, lines } = useMemo(() => ranksOf(standing, days), [standing, days]);
  const named = (key: string | null) =>
    key === null ? words("ranks.chart") : (services.find((one) => one.service === key)?.name ?? key);
  const classed = (key: string | null) => (key === null ? "" : classOf(key));
  return (
    <figure class="ranks">
      <ul class="rank-names">
        {lines.map(({ key, ranks }) => (
          <li key={key}>
            <i class={`dot ${classed(key)}`} aria-hidden="true" /> {named(key)}{" "}
            <span class="quiet">{endText(ranks.at(-1) ?? null)}</span>
          </li>
        ))}
      </ul>
      <div class="rank-field" aria-hidden="true">
        <span class="rank-top">1</span>
        <span class="rank-bottom">{lowest}</span>
        <svg viewBox={`0 -6 ${WIDTH} ${HEIGHT + 12}`} preserveAspectRatio="none">
          {[0, 0.5, 1].map((at) => (
            <path key={at} class="grid" d={`M0 ${at * HEIGHT}H${WIDTH}`} />
          ))}
          {[...lines].reverse().map((line) => (
            <path
              key={line.key}
              class={`line ${line.key === null ? "chart-line" : classOf(line.key)}`}
              d={rankPath(line, lowest, WIDTH, HEIGHT)}
            />
          ))}
        </svg>
      </div>
      <figcaption class="rank-days">
        <span class="hidden">
          {label}. {words("ranks.below")}{" "}
        </span>
        <span>{text(first)}</span>
        <span>{text(last)}</span>
      </figcaption>
      <details class="all-days">
        <summary>{words("ranks.everyDay")}</summary>
        <div class="scroll" role="region" aria-label={label} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words("ranks.day")}</th>
                {lines.map(({ key }) => (
                  <th key={key} scope="col">
                    {named(key)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: last - first + 1 }, (_, index) => last - index).map((day) => (
                <tr key={day}>
                  <th scope="row">{text(day)}</th>
                  {lines.map(({ key, ranks }) => (
                    <td key={key}>{ranks[day - first] ?? "–"}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

function endText(rank: number | null): string {
  return rank === null ? words("ranks.noneAtEnd") : words("ranks.atEnd", { rank });
}

function text(day: number): string {
  return dayText(new Date(daySeconds(day) * 1000).toISOString().slice(0, 10), "short");
}
