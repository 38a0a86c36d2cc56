// Everything about one track: its rank and why, its counts over time, where to listen. The code loads when the first panel opens.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { askAgain } from "../api/client";
import { NAMES, SERVICES } from "../api/types";
import { dayText, fullCount, shareText, shortGain } from "../chart/formatting";
import type { Row } from "../chart/rows";
import { histories } from "../chart/series";
import { Choice } from "../components/Choice";
import { Cover } from "../components/Cover";
import { movementText } from "../components/Movement";
import { address, follow, show } from "../state/navigation";
import { chart, dates, countsOver, day, genreName, rows, withoutTrack } from "../state/store";
import { CountsChart } from "./CountsChart";
import type { Measure, Scale } from "./plotted";
import { Players } from "./Players";
import "./panel.css";

const RANGES = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "1 year"],
  ["730", "2 years"],
] as const;
const DAY = 86_400_000;
type Range = (typeof RANGES)[number][0];

export function TrackPanel({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before !== document.body) before.focus();
      else document.querySelector<HTMLElement>(`[data-track="${CSS.escape(id)}"] a.track`)?.focus();
    };
  }, [id]);
  const row = rows.value?.find((one) => one.id === id);
  return (
    <dialog
      class="panel"
      id="panel"
      ref={dialog}
      aria-labelledby="panel-title"
      onCancel={(event) => {
        event.preventDefault();
        show(withoutTrack());
      }}
      onClick={(event) => event.target === dialog.current && show(withoutTrack())}
    >
      <div class="panel-body">
        <button type="button" class="button close" id="close-panel" onClick={() => show(withoutTrack())}>
          Close
        </button>
        {row === undefined ? <NotThere /> : <Track row={row} />}
      </div>
    </dialog>
  );
}

function NotThere() {
  const { loading, data } = chart.value;
  const title = loading ? "Loading …" : data === null ? "Couldn’t load the chart" : "This track is not on this chart";
  return (
    <>
      <h2 id="panel-title">{title}</h2>
      {data !== null && (
        <>
          <p class="quiet">It may be on another day’s chart, or in another genre.</p>
          <p class="buttons">
            <a class="button" href={address(withoutTrack())} onClick={(event) => follow(event, withoutTrack())}>
              The {genreName.value} chart{day.value !== null && ` for ${dayText(day.value, "short")}`}
            </a>
          </p>
        </>
      )}
    </>
  );
}

function Track({ row }: { row: Row }) {
  return (
    <>
      <div class="panel-head">
        <Cover address={row.cover} title={row.title} size={120} />
        <div>
          <h2 id="panel-title" dir="auto">
            {row.title}
          </h2>
          <p class="panel-artist" dir="auto">
            {row.artist}
          </p>
        </div>
      </div>
      <Facts row={row} />
      <Contributions row={row} />
      <Counts row={row} />
      <section aria-labelledby="listen-title">
        <h3 id="listen-title">Listen</h3>
        <Links row={row} />
        <Players row={row} />
      </section>
    </>
  );
}

function Facts({ row }: { row: Row }) {
  const [, moved] = movementText(row);
  const gained = (["Youtube", "Spotify", "SoundCloud"] as const).filter((source) => row.gains[source] !== null);
  return (
    <dl class="facts">
      <div>
        <dt>Rank</dt>
        <dd>
          {row.rank}
          {row.status !== null && <small>{moved}</small>}
        </dd>
      </div>
      {row.peak !== null && (
        <div>
          <dt>Peak</dt>
          <dd>
            {row.peak}
            {row.peakDate !== null && <small>{dayText(row.peakDate, "short")}</small>}
          </dd>
        </div>
      )}
      {row.weeks !== null && (
        <div>
          <dt>On the chart</dt>
          <dd>
            {row.weeks}
            <small>{row.weeks === 1 ? "week" : "weeks"}</small>
          </dd>
        </div>
      )}
      {gained.map((source) => (
        <div key={source}>
          <dt>{NAMES[source]}, 7 days</dt>
          <dd>
            {shortGain(row.gains[source])}
            {row.totals[source] !== null && <small>of {fullCount(row.totals[source])}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Each service's share of the score behind the rank. */
function Contributions({ row }: { row: Row }) {
  const known = SERVICES.filter((service) => row.contributions[service] !== undefined);
  if (known.length === 0) return null;
  return (
    <section aria-labelledby="why-title">
      <h3 id="why-title">Why it ranks here · #{row.rank}</h3>
      <ul class="contributions">
        {known.map((service) => (
          <li key={service} class={service}>
            <span>{NAMES[service]}</span>
            <span class="quiet">number {row.positions[service]}</span>
            <span class="bar" aria-hidden="true">
              <i style={{ width: `${100 * (row.contributions[service] ?? 0)}%` }} />
            </span>
            <span class="share">{shareText(row.contributions[service] ?? 0)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Counts({ row }: { row: Row }) {
  const measure = useSignal<Measure>("total");
  const scale = useSignal<Scale>("linear");
  const range = useSignal<Range>("90");
  // The page already has 90 days.
  const graph = countsOver(range.value === "90" ? null : range.value);
  const series = histories((graph.data ?? []).filter((one) => one.track_id === row.id)).get(row.id);
  return (
    <section aria-labelledby="counts-title" aria-busy={graph.loading}>
      <h3 id="counts-title">Counts over time</h3>
      <div class="choices">
        <Choice
          label="Measure"
          name="measure"
          options={[
            ["total", "Total"],
            ["gain", "Daily gain"],
          ]}
          value={measure.value}
          choose={(chosen) => (measure.value = chosen)}
        />
        <Choice
          label="Scale"
          name="scale"
          options={[
            ["linear", "Linear"],
            ["log", "Log"],
          ]}
          value={scale.value}
          choose={(chosen) => (scale.value = chosen)}
        />
        <Choice
          label="Range"
          name="range"
          options={RANGES}
          disabled={tooLong(dates.value.data)}
          value={range.value}
          choose={(chosen) => (range.value = chosen)}
        />
      </div>
      {series !== undefined ? (
        <CountsChart series={series} measure={measure.value} scale={scale.value} title={row.title} />
      ) : (
        <p class="quiet counts-missing">
          {graph.trouble !== null ? (
            <>
              Couldn’t load the counts.{" "}
              <button type="button" class="button" onClick={() => askAgain()}>
                Try again
              </button>
            </>
          ) : graph.loading ? (
            "Loading …"
          ) : (
            "No counts for this track yet."
          )}
        </p>
      )}
    </section>
  );
}

/** The ranges longer than 90 days that would show nothing more than the range before, because no chart is that old. */
function tooLong(days: readonly string[] | null): Range[] {
  const [first, last] = [days?.[0], days?.at(-1)];
  if (first === undefined || last === undefined) return [];
  const age = (Date.parse(last) - Date.parse(first)) / DAY;
  return (["365", "730"] as const).filter((range) => age < (range === "365" ? 90 : 365));
}

function Links({ row }: { row: Row }) {
  const linked = [...SERVICES, "Youtube" as const].flatMap((service) => {
    const link = row.links[service];
    return link === undefined ? [] : [{ service, link }];
  });
  return (
    <p class="buttons">
      {linked.map(({ service, link }) => (
        <a key={service} class="button" href={link} target="_blank" rel="noopener noreferrer">
          <i class={`dot ${service}`} aria-hidden="true" /> {NAMES[service]} <span aria-hidden="true">↗</span>
        </a>
      ))}
    </p>
  );
}
