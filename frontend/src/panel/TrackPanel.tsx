// Everything about one track: its rank and why, its counts over time, where to listen. The code loads when the first panel opens.

import { useLayoutEffect, useRef } from "preact/hooks";

import { dayText, growthText, shareText, shortGain } from "../chart/formatting";
import { growth, growthOn } from "../chart/gains";
import type { Row } from "../chart/rows";
import { standingUntil } from "../chart/standings";
import type { TrackDetails } from "../api/types";
import { classOf, allOf } from "../chart/services";
import { Cover } from "../components/Cover";
import { Listen } from "../components/Listen";
import { RankChart } from "../components/RankChart";
import { StarButton } from "../components/Star";
import { movementText } from "../components/Movement";
import { address, addressOf, elsewhere, follow, leave } from "../state/navigation";
import {
  chart,
  dates,
  day,
  genre,
  genreName,
  histories,
  latestDay,
  rows,
  shownRows,
  shownServices,
  withoutTrack,
} from "../state/store";
import { detailsOf } from "../state/pages";
import { words } from "../texts";
import { Counts } from "./Counts";
import "./panel.css";

/** The days of the lines of ranks, as many as those of the counts at first. */
const RANK_DAYS = 90;

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
            {words("choose.close")}
          </button>
          {row === undefined ? <NotThere /> : <Track row={row} />}
        </div>
      </dialog>
    </>
  );
}

function NotThere() {
  const { loading, data } = chart.value;
  const title = words(loading ? "panel.loading" : data === null ? "panel.couldNot" : "panel.notThere");
  return (
    <>
      <h2 id="panel-title">{title}</h2>
      {data !== null && (
        <>
          <p class="quiet">{words("panel.elsewhere")}</p>
          <p class="buttons">
            <a
              class="button"
              href={address(withoutTrack())}
              onClick={(event) => follow(event, withoutTrack(), { replace: true })}
            >
              {day.value === null
                ? words("panel.chart", { genre: genreName.value })
                : words("panel.chartOfDay", { genre: genreName.value, day: dayText(day.value, "short") })}
            </a>
          </p>
        </>
      )}
    </>
  );
}

function Track({ row }: { row: Row }) {
  const details = detailsOf(row.id);
  const page = elsewhere("track", { id: row.id });
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
          <p>
            <a href={addressOf(page)} onClick={(event) => follow(event, page)}>
              {words("panel.everything")}
            </a>
          </p>
          <p class="buttons">
            <StarButton track={row} />
          </p>
        </div>
      </div>
      <Listen track={row} around={shownRows.peek() ?? [row]} linked={allOf(shownServices.value)} />
      <Facts row={row} />
      <Contributions row={row} />
      <Ranks row={row} details={details.data} />
      <Counts
        title={row.title}
        details={details}
        until={day.value ?? latestDay.value}
        known={histories.value.get(row.id)}
        sources={shownServices.value.counting}
        days={[dates.value?.[0], dates.value?.at(-1)]}
      />
    </>
  );
}

/** Where it stood in this genre on each of the last days. */
function Ranks({ row, details }: { row: Row; details: TrackDetails | null }) {
  const until = day.value ?? latestDay.value;
  const standing = details?.genres.find((one) => one.genre === genre.value);
  const shown = standing === undefined || until === null ? null : standingUntil(standing, until);
  if (shown === null) return null;
  return (
    <section aria-labelledby="panel-ranks">
      <h3 id="panel-ranks">{words("track.ranks")}</h3>
      <RankChart
        standing={shown}
        services={shownServices.value.listing}
        days={RANK_DAYS}
        label={words("track.rankLabel", { title: row.title, genre: genreName.value })}
      />
    </section>
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
        <dt>{words("panel.rank")}</dt>
        <dd>
          {row.rank}
          {row.status !== null && <small>{moved}</small>}
        </dd>
      </div>
      {row.peak !== null && (
        <div>
          <dt>{words("panel.peak")}</dt>
          <dd>
            {row.peak}
            {row.peakDate !== null && <small>{dayText(row.peakDate, "short")}</small>}
          </dd>
        </div>
      )}
      {row.weeks !== null && (
        <div>
          <dt>{words("panel.onChart")}</dt>
          <dd>
            {row.weeks}
            <small>{words("panel.weeks", { count: row.weeks })}</small>
          </dd>
        </div>
      )}
      {grown !== null && (
        <div>
          <dt>{words("panel.trend")}</dt>
          <dd>{growthText(grown)}</dd>
        </div>
      )}
      {gained.map(({ source, gain, total }) => {
        const part = growthOn(row, source.service);
        return (
          <div key={source.service}>
            <dt>{words("panel.gainOn", { service: source.name })}</dt>
            <dd>
              {shortGain(gain)}
              {total !== null && (
                <small>
                  {part === null
                    ? words("panel.ofTotal", { total })
                    : words("panel.ofTotalWith", { total, growth: growthText(part) })}
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
      <h3 id="why-title">{words("panel.why", { rank: row.rank })}</h3>
      <ul class="contributions">
        {known.map(({ service, share }) => (
          <li key={service.service} class={classOf(service.service)}>
            <span>{service.name}</span>
            <span class="quiet">{words("panel.number", { position: row.positions[service.service] ?? 0 })}</span>
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
