// A track's counts over time, with what is measured, on which scale and of how many days. The code loads when the first counts are shown.

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";

import { askAgain, type Known } from "../api/client";
import type { Service, TrackDetails } from "../api/types";
import { historyOf, type Series } from "../chart/series";
import { Choice } from "../components/Choice";
import { words } from "../texts";
import { CountsChart } from "./CountsChart";
import type { Measure, Scale } from "./plotted";
import "./counts.css";

const RANGES = [
  ["30", words("counts.month")],
  ["90", words("counts.quarter")],
  ["365", words("counts.year")],
  ["730", words("counts.twoYears")],
] as const;
const DAY = 86_400_000;
type Range = (typeof RANGES)[number][0];

export interface Props {
  title: string;
  details: Known<TrackDetails>;
  /** The last day to show. */
  until: string | null;
  /** What is shown while no details are known. */
  known?: Series | undefined;
  sources: readonly Service[];
  /** The first and the last day of which anything is known. */
  days: readonly [string | undefined, string | undefined];
  level?: 2 | 3;
}

export function Counts({ title, details, until, known, sources, days, level = 3 }: Props) {
  const Heading = level === 2 ? "h2" : "h3";
  const measure = useSignal<Measure>("total");
  const scale = useSignal<Scale>("own");
  const range = useSignal<Range>("90");
  const series = useMemo(
    () => (details.data === null || until === null ? known : historyOf(details.data, until, Number(range.value))),
    [details.data, known, range.value, until],
  );
  return (
    <section aria-labelledby="counts-title" aria-busy={details.loading}>
      <Heading id="counts-title">{words("counts.title")}</Heading>
      <div class="choices">
        <Choice
          label={words("counts.measure")}
          name="measure"
          options={[
            ["total", words("counts.total")],
            ["gain", words("counts.daily")],
          ]}
          value={measure.value}
          choose={(chosen) => (measure.value = chosen)}
        />
        <Choice
          label={words("counts.scale")}
          name="scale"
          options={[
            ["own", words("counts.own")],
            ["linear", words("counts.linear")],
            ["log", words("counts.log")],
          ]}
          value={scale.value}
          choose={(chosen) => (scale.value = chosen)}
        />
        <Choice
          label={words("counts.range")}
          name="range"
          options={RANGES}
          disabled={tooLong(days)}
          value={range.value}
          choose={(chosen) => (range.value = chosen)}
        />
      </div>
      {series !== undefined && Object.keys(series).length > 0 ? (
        <CountsChart series={series} sources={sources} measure={measure.value} scale={scale.value} title={title} />
      ) : (
        <p class="quiet counts-missing">
          {details.trouble !== null ? (
            <>
              {words("counts.failed")}{" "}
              <button type="button" class="button" onClick={() => askAgain()}>
                {words("choose.again")}
              </button>
            </>
          ) : details.loading ? (
            words("counts.loading")
          ) : (
            words("counts.none")
          )}
        </p>
      )}
    </section>
  );
}

/** The ranges longer than 90 days that would show nothing more than the range before, because no chart is that old. */
function tooLong([first, last]: Props["days"]): Range[] {
  if (first === undefined || last === undefined) return [];
  const age = (Date.parse(last) - Date.parse(first)) / DAY;
  return (["365", "730"] as const).filter((range) => age < (range === "365" ? 90 : 365));
}
