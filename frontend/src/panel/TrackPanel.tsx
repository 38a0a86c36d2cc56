// Everything about one track: its rank and why, its counts over time, where to listen. The code loads when the first panel opens.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { askAgain } from "../api/client";
import type { TrackDetails } from "../api/types";
import { dayText, fullCount, growthText, shareText, shortGain } from "../chart/formatting";
import { growth, growthOn } from "../chart/gains";
import type { Row } from "../chart/rows";
import { historyOf, type Series } from "../chart/series";
import { classOf, allOf } from "../chart/services";
import { Choice } from "../components/Choice";
import { Cover } from "../components/Cover";
import { movementText } from "../components/Movement";
import { address, follow, leave } from "../state/navigation";
import { offersFor, offer, play, playedRow, stop } from "../state/playing";
import {
  chart,
  dates,
  day,
  detailsOf,
  genreName,
  histories,
  latestDay,
  rows,
  shownRows,
  shownServices,
  withoutTrack,
} from "../state/store";
import { CountsChart } from "./CountsChart";
import type { Measure, Scale } from "./plotted";
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
  const close = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    // The rest of the page is inert (see App), and the player at its foot stays in use; so it is no modal dialog of the browser's.
    close.current?.focus({ preventScroll: true });
    const closing = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) leave(withoutTrack());
    };
    document.addEventListener("keydown", closing);
    return () => {
      document.removeEventListener("keydown", closing);
      if (before instanceof HTMLElement && before !== document.body) before.focus();
      else document.querySelector<HTMLElement>(`[data-track="${CSS.escape(id)}"] a.track`)?.focus();
    };
  }, [id]);
  const row = rows.value?.find((one) => one.id === id);
  return (
    <>
      <div class="backdrop" aria-hidden="true" onClick={() => leave(withoutTrack())} />
      <dialog open class="panel" id="panel" aria-labelledby="panel-title">
        <div class="panel-body">
          <button type="button" class="button close" id="close-panel" ref={close} onClick={() => leave(withoutTrack())}>
            Close
          </button>
          {row === undefined ? <NotThere /> : <Track row={row} />}
        </div>
      </dialog>
    </>
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
            <a
              class="button"
              href={address(withoutTrack())}
              onClick={(event) => follow(event, withoutTrack(), { replace: true })}
            >
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
      <Listen row={row} />
      <Facts row={row} />
      <Contributions row={row} />
      <Counts row={row} />
    </>
  );
}

function Facts({ row }: { row: Row }) {
  const [, moved] = movementText(row);
  const gained = shownServices.value.counting.flatMap((source) => {
    const gain = row.gains[source.service] ?? null;
    return gain === null ? [] : [{ source, gain, total: row.totals[source.service] ?? null }];
  });
  const grown = growth(row);
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
      {grown !== null && (
        <div>
          <dt>Trend, 7 days</dt>
          <dd>{growthText(grown)}</dd>
        </div>
      )}
      {gained.map(({ source, gain, total }) => {
        const part = growthOn(row, source.service);
        return (
          <div key={source.service}>
            <dt>{source.name}, 7 days</dt>
            <dd>
              {shortGain(gain)}
              {total !== null && (
                <small>
                  of {fullCount(total)}
                  {part !== null && ` (${growthText(part)})`}
                </small>
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** Each service's share of the score behind the rank. */
function Contributions({ row }: { row: Row }) {
  const known = shownServices.value.listing.flatMap((service) => {
    const share = row.contributions[service.service];
    return share === undefined ? [] : [{ service, share }];
  });
  if (known.length === 0) return null;
  return (
    <section aria-labelledby="why-title">
      <h3 id="why-title">Why it ranks here · #{row.rank}</h3>
      <ul class="contributions">
        {known.map(({ service, share }) => (
          <li key={service.service} class={classOf(service.service)}>
            <span>{service.name}</span>
            <span class="quiet">number {row.positions[service.service]}</span>
            <span class="bar" aria-hidden="true">
              <i style={{ width: `${100 * share}%` }} />
            </span>
            <span class="share">{shareText(share)}</span>
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
  const details = detailsOf(row.id);
  const series = useMemo(
    () => shownSeries(details.data, row.id, Number(range.value)),
    [details.data, row.id, range.value, day.value],
  );
  return (
    <section aria-labelledby="counts-title" aria-busy={details.loading}>
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
          disabled={tooLong(dates.value)}
          value={range.value}
          choose={(chosen) => (range.value = chosen)}
        />
      </div>
      {series !== undefined ? (
        <CountsChart
          series={series}
          sources={shownServices.value.counting}
          measure={measure.value}
          scale={scale.value}
          title={row.title}
        />
      ) : (
        <p class="quiet counts-missing">
          {details.trouble !== null ? (
            <>
              Couldn’t load the counts.{" "}
              <button type="button" class="button" onClick={() => askAgain()}>
                Try again
              </button>
            </>
          ) : details.loading ? (
            "Loading …"
          ) : (
            "No counts for this track yet."
          )}
        </p>
      )}
    </section>
  );
}

/** The counts of so many days up to the chart's; where a track's own are unknown, those that came with the chart. */
function shownSeries(details: TrackDetails | null, id: string, days: number): Series | undefined {
  const last = day.value ?? latestDay.value;
  const series = details === null || last === null ? histories.value.get(id) : historyOf(details, last, days);
  return series === undefined || Object.keys(series).length === 0 ? undefined : series;
}

/** The ranges longer than 90 days that would show nothing more than the range before, because no chart is that old. */
function tooLong(days: readonly string[] | null): Range[] {
  const [first, last] = [days?.[0], days?.at(-1)];
  if (first === undefined || last === undefined) return [];
  const age = (Date.parse(last) - Date.parse(first)) / DAY;
  return (["365", "730"] as const).filter((range) => age < (range === "365" ? 90 : 365));
}

/** Plays the track in the player at the foot of the page, and leads to the services. */
function Listen({ row }: { row: Row }) {
  const offers = offersFor(row);
  const isPlayed = playedRow.value?.id === row.id;
  const linked = allOf(shownServices.value).flatMap((service) => {
    const link = row.links[service.service];
    return link === undefined ? [] : [{ service, link }];
  });
  return (
    <section aria-labelledby="listen-title" class="listen">
      <h3 id="listen-title">Listen</h3>
      <p class="buttons">
        {offers.map(({ service }) => {
          const isHere = isPlayed && offer.value?.service === service;
          return (
            <button
              key={service.service}
              type="button"
              class={`button play ${classOf(service.service)}`}
              aria-pressed={isHere}
              onClick={() => (isHere ? stop() : play(row, shownRows.peek() ?? [row], service.service))}
            >
              <span aria-hidden="true">{isHere ? "■" : "▶"}</span> {service.name}
            </button>
          );
        })}
      </p>
      <p class="quiet">
        {offers.length === 0
          ? "No player is available for this track."
          : "A player loads from its service when you press play."}
      </p>
      <p class="buttons open-on">
        <span class="quiet">Open on</span>
        {linked.map(({ service, link }) => (
          <a key={service.service} class="button" href={link} target="_blank" rel="noopener noreferrer">
            <i class={`dot ${classOf(service.service)}`} aria-hidden="true" /> {service.name}{" "}
            <span aria-hidden="true">↗</span>
          </a>
        ))}
      </p>
    </section>
  );
}
