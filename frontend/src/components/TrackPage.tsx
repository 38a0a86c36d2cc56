// A track's own page: where it can be heard, where it stood on every day of every genre, who listed it first, and its counts.

import { signal, useSignal } from "@preact/signals";
import { Fragment, type ComponentType } from "preact";
import { useEffect } from "preact/hooks";

import { askAgain } from "../api/client";
import type { GenreStanding, TrackDetails } from "../api/types";
import { dayText, lengthText, plural } from "../chart/formatting";
import { linksOf, UNNAMED } from "../chart/rows";
import { webAddress } from "../chart/links";
import { best, bestFirst } from "../chart/standings";
import { address, elsewhere, follow, view } from "../state/navigation";
import { detailsOf, nameOfGenre } from "../state/pages";
import { genres, services } from "../state/store";
import type { Props as CountsProps } from "../panel/Counts";
import { Choice } from "./Choice";
import { Cover } from "./Cover";
import { Listen } from "./Listen";
import { RankChart } from "./RankChart";
import { Skeleton } from "./Skeleton";
import { connection, StatusLine, world } from "./StatusLine";

const SPAN = 365;

export function TrackPage() {
  const details = detailsOf(view.value.id ?? "");
  const { data, trouble, loading } = details;
  return (
    <article class="record">
      {data === null && (
        <div class="title">
          <h1>{trouble?.kind === "missing" ? "No such track" : "Track"}</h1>
          {trouble?.kind === "missing" && (
            <p class="subtitle" role="status" id="trouble">
              No list and no chart ever had a track with this address.
            </p>
          )}
        </div>
      )}
      {data !== null && <Head details={data} />}
      <StatusLine notes={[connection([details, genres.value], data !== null, "page"), world()]} />
      {data === null && loading && trouble === null && <Skeleton />}
      {data !== null && (
        <>
          {data.genres.length > 0 && <Ranks key={data.track_id} details={data} />}
          <Standings genres={bestFirst(data.genres)} />
          <FirstListed details={data} />
          <LazyCounts
            title={data.title ?? UNNAMED}
            details={details}
            until={lastDay(data)}
            sources={services.value.filter(({ service }) => service in data.counts)}
            days={[firstDay(data), lastDay(data) ?? undefined]}
            level={2}
          />
        </>
      )}
    </article>
  );
}

function Head({ details }: { details: TrackDetails }) {
  const title = details.title?.trim() || UNNAMED;
  const track = {
    id: details.track_id,
    title,
    artist: details.credit ?? "",
    cover: webAddress(details.cover_url),
    links: linksOf(details.addresses, details.video_url, services.value),
    rank: null,
  };
  return (
    <header class="record-head">
      <Cover address={track.cover} title={title} size={240} eager />
      <div>
        <h1 dir="auto">{title}</h1>
        <p class="record-by" dir="auto">
          <Credit details={details} />
        </p>
        <p class="subtitle">{said(details)}</p>
        <Listen track={track} around={[track]} linked={services.value} level={2} />
      </div>
    </header>
  );
}

function Credit({ details }: { details: TrackDetails }) {
  if (details.artists.length === 0) return <>{details.credit}</>;
  return (
    <>
      {details.artists.map(({ slug, name }, index) => {
        const change = elsewhere("artist", { id: slug });
        return (
          <Fragment key={slug}>
            {index > 0 && ", "}
            <a href={address(change)} onClick={(event) => follow(event, change)}>
              {name}
            </a>
          </Fragment>
        );
      })}
    </>
  );
}

/** How it did, in one line. */
function said(details: TrackDetails): string {
  const [top] = bestFirst(details.genres);
  const place =
    top === undefined || top.best_rank === null
      ? "Never on a chart"
      : `Best: number ${top.best_rank} in ${nameOfGenre(top.genre)}${top.best_rank_date === null ? "" : `, ${dayText(top.best_rank_date, "short")}`}`;
  return [
    place,
    details.duration_ms === null ? null : lengthText(details.duration_ms),
    details.isrc === null ? null : `ISRC ${details.isrc}`,
  ]
    .filter((one) => one !== null)
    .join(" · ");
}

function Ranks({ details }: { details: TrackDetails }) {
  const sorted = bestFirst(details.genres);
  const chosen = useSignal(sorted[0]?.genre ?? "");
  const standing = sorted.find((one) => one.genre === chosen.value) ?? sorted[0];
  if (standing === undefined) return null;
  return (
    <section aria-labelledby="ranks-title" class="today-part" id="ranks">
      <h2 id="ranks-title">Rank over time</h2>
      {sorted.length > 1 && (
        <Choice
          label="Genre"
          name="rank-genre"
          options={sorted.map(({ genre }) => [genre, nameOfGenre(genre)] as const)}
          value={standing.genre}
          choose={(genre) => (chosen.value = genre)}
        />
      )}
      <RankChart
        standing={standing}
        services={services.value}
        days={SPAN}
        label={`Ranks of ${details.title ?? UNNAMED} in ${nameOfGenre(standing.genre)}, day by day`}
      />
    </section>
  );
}

function Standings({ genres: shown }: { genres: readonly GenreStanding[] }) {
  const listing = services.value.filter(({ service }) => shown.some(({ lists }) => service in lists));
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="standings-title" class="today-part">
      <h2 id="standings-title">Where it stood</h2>
      <div class="scroll" role="region" aria-label="Table of where it stood" tabIndex={0}>
        <table class="facts-table" id="standings">
          <thead>
            <tr>
              <th scope="col">Genre</th>
              <th scope="col">Best rank</th>
              <th scope="col">On the chart</th>
              {listing.map(({ service, name }) => (
                <th key={service} scope="col">
                  Best on {name}
                </th>
              ))}
              <th scope="col">First seen</th>
              <th scope="col">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => {
              const day = one.best_rank_date ?? null;
              const change = elsewhere("chart", { genre: one.genre, date: day });
              return (
                <tr key={one.genre}>
                  <th scope="row">
                    <a href={address(change)} onClick={(event) => follow(event, change)}>
                      {nameOfGenre(one.genre)}
                    </a>
                  </th>
                  <td>
                    {one.best_rank === null
                      ? "–"
                      : `${one.best_rank}${day === null ? "" : `, ${dayText(day, "short")}`}`}
                  </td>
                  <td>{plural(one.days_on_chart, "day")}</td>
                  {listing.map(({ service }) => (
                    <td key={service}>{best(one.lists[service] ?? []) ?? "–"}</td>
                  ))}
                  <td>{dayText(one.first_date, "short")}</td>
                  <td>{dayText(one.last_date, "short")}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function FirstListed({ details }: { details: TrackDetails }) {
  if (details.first_listed.length === 0) return null;
  const named = (key: string) => services.value.find((one) => one.service === key)?.name ?? key;
  return (
    <section aria-labelledby="first-title" class="today-part">
      <h2 id="first-title">Who listed it first</h2>
      <p class="explained">
        The first day on which each list had it, as far back as days are kept: a list may have had it before.
      </p>
      <ol class="firsts">
        {details.first_listed.map(({ service, date }) => (
          <li key={service}>
            <strong>{named(service)}</strong> {dayText(date, "short")}
          </li>
        ))}
      </ol>
    </section>
  );
}

function lastDay(details: TrackDetails): string | null {
  const days = Object.values(details.counts).flatMap((one) => one.at(-1)?.counted_at.slice(0, 10) ?? []);
  return days.sort().at(-1) ?? null;
}

function firstDay(details: TrackDetails): string | undefined {
  const days = Object.values(details.counts).flatMap((one) => one[0]?.counted_at.slice(0, 10) ?? []);
  return days.sort()[0];
}

const counts = signal<ComponentType<CountsProps> | null>(null);
const failed = signal(false);

/** The counts, with the library that draws them, load when the page is there. */
function LazyCounts(props: CountsProps) {
  useEffect(() => {
    if (counts.peek() === null) void load();
  }, []);
  if (props.sources.length === 0) return null;
  const Shown = counts.value;
  return (
    <div class="today-part">
      {Shown !== null ? (
        <Shown {...props} />
      ) : (
        failed.value && (
          <p class="quiet" role="alert">
            Couldn’t load the counts.{" "}
            <button type="button" class="button" onClick={() => void load().then(() => askAgain())}>
              Try again
            </button>
          </p>
        )
      )}
    </div>
  );
}

async function load(): Promise<void> {
  try {
    const loaded = await import("../panel/Counts");
    counts.value = loaded.Counts;
    failed.value = false;
  } catch {
    failed.value = true;
  }
}
