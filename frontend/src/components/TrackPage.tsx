// A track's own page: where it can be heard, where it stood on every day of every genre, who listed it first, and its counts.

import { useSignal } from "@preact/signals";
import { Fragment } from "preact";

import type { GenreStanding, TrackDetails } from "../api/types";
import { dayText, lengthText } from "../chart/formatting";
import { linksOf, UNNAMED } from "../chart/rows";
import { webAddress } from "../chart/links";
import { best, bestFirst } from "../chart/standings";
import { address, elsewhere, follow, view } from "../state/navigation";
import { detailsOf, nameOfGenre } from "../state/pages";
import { genres, services } from "../state/store";
import type { Props as CountsProps } from "../panel/Counts";
import { words } from "../texts";
import { Choice } from "./Choice";
import { Cover } from "./Cover";
import { lazily } from "./lazily";
import { Listen } from "./Listen";
import { RankChart } from "./RankChart";
import { Skeleton } from "./Skeleton";
import { StarButton } from "./Star";
import { connection, StatusLine, world } from "./StatusLine";

const SPAN = 365;

/** The counts, with the library that draws them, load when the page is there. */
const LazyCounts = lazily<CountsProps>(async () => (await import("../panel/Counts")).Counts);

export function TrackPage() {
  const details = detailsOf(view.value.id ?? "");
  const { data, trouble, loading } = details;
  return (
    <article class="record">
      {data === null && (
        <div class="title">
          <h1>{words(trouble?.kind === "missing" ? "track.missing" : "track.name")}</h1>
          {trouble?.kind === "missing" && (
            <p class="subtitle" role="status" id="trouble">
              {words("track.missingWhy")}
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
          {Object.keys(data.counts).length > 0 && (
            <div class="today-part">
              <LazyCounts
                title={data.title ?? UNNAMED}
                details={details}
                until={lastDay(data)}
                sources={services.value.filter(({ service }) => service in data.counts)}
                days={[firstDay(data), lastDay(data) ?? undefined]}
                level={2}
              />
            </div>
          )}
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
        <p class="buttons">
          <StarButton track={track} />
        </p>
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
  const place = top === undefined ? words("track.never") : bestText(top);
  return [
    place,
    details.duration_ms === null ? null : lengthText(details.duration_ms),
    details.isrc === null ? null : `ISRC ${details.isrc}`,
  ]
    .filter((one) => one !== null)
    .join(" · ");
}

function bestText({ genre: key, best_rank: rank, best_rank_date: date }: GenreStanding): string {
  if (rank === null) return words("track.never");
  const genre = nameOfGenre(key);
  return date === null
    ? words("track.best", { rank, genre })
    : words("track.bestOnDay", { rank, genre, day: dayText(date, "short") });
}

function Ranks({ details }: { details: TrackDetails }) {
  const sorted = bestFirst(details.genres);
  const chosen = useSignal(sorted[0]?.genre ?? "");
  const standing = sorted.find((one) => one.genre === chosen.value) ?? sorted[0];
  if (standing === undefined) return null;
  return (
    <section aria-labelledby="ranks-title" class="today-part" id="ranks">
      <h2 id="ranks-title">{words("track.ranks")}</h2>
      {sorted.length > 1 && (
        <Choice
          label={words("track.genre")}
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
        label={words("track.rankLabel", { title: details.title ?? UNNAMED, genre: nameOfGenre(standing.genre) })}
      />
    </section>
  );
}

function Standings({ genres: shown }: { genres: readonly GenreStanding[] }) {
  const listing = services.value.filter(({ service }) => shown.some(({ lists }) => service in lists));
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="standings-title" class="today-part">
      <h2 id="standings-title">{words("track.stood")}</h2>
      <div class="scroll" role="region" aria-label={words("track.stoodTable")} tabIndex={0}>
        <table class="facts-table" id="standings">
          <thead>
            <tr>
              <th scope="col">{words("track.genre")}</th>
              <th scope="col">{words("track.bestRank")}</th>
              <th scope="col">{words("track.onChart")}</th>
              {listing.map(({ service, name }) => (
                <th key={service} scope="col">
                  {words("track.bestOn", { service: name })}
                </th>
              ))}
              <th scope="col">{words("track.firstSeen")}</th>
              <th scope="col">{words("track.lastSeen")}</th>
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
                      : day === null
                        ? one.best_rank
                        : words("track.rankOnDay", { rank: one.best_rank, day: dayText(day, "short") })}
                  </td>
                  <td>{words("count.day", { count: one.days_on_chart })}</td>
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
      <h2 id="first-title">{words("track.firstTitle")}</h2>
      <p class="explained">{words("track.firstHow")}</p>
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
