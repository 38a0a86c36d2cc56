// An artist's page: their recordings, those that came highest first, and other artists of the same name.

import type { ArtistDetails, ArtistRecording } from "../api/types";
import { dayText, regionText } from "../chart/formatting";
import { webAddress } from "../chart/links";
import { bestFirst } from "../chart/standings";
import { address, elsewhere, follow, view } from "../state/navigation";
import { artistOf, nameOfGenre } from "../state/pages";
import { genres } from "../state/store";
import { words } from "../texts";
import { Cover } from "./Cover";
import { Skeleton } from "./Skeleton";
import { connection, StatusLine, world } from "./StatusLine";

export function ArtistPage() {
  const known = artistOf(view.value.id ?? "");
  const { data, trouble, loading } = known;
  const isMissing = trouble?.kind === "missing";
  return (
    <>
      <div class="title">
        <h1 dir="auto">{data?.name ?? words(isMissing ? "artist.missing" : "artist.name")}</h1>
        {data !== null && (
          <p class="subtitle">
            {words("artist.listed", { count: data.recordings.length })}
            {data.country !== null && ` · ${regionText(data.country)}`}
          </p>
        )}
        {data === null && isMissing && (
          <p class="subtitle" role="status" id="trouble">
            {words("artist.missingWhy")}
          </p>
        )}
      </div>
      <StatusLine notes={[connection([known, genres.value], data !== null, "page"), world()]} />
      {data === null && loading && trouble === null && <Skeleton />}
      {data !== null && <Songs artist={data} />}
    </>
  );
}

function Songs({ artist }: { artist: ArtistDetails }) {
  return (
    <>
      <section aria-labelledby="songs-title" class="today-part">
        <h2 id="songs-title">{words("artist.songs")}</h2>
        <ol class="items" id="songs">
          {artist.recordings.map((one) => (
            <Song key={one.track_id} recording={one} />
          ))}
        </ol>
      </section>
      {artist.homonyms.length > 0 && (
        <section aria-labelledby="homonyms-title" class="today-part">
          <h2 id="homonyms-title">{words("artist.others")}</h2>
          <ul class="firsts">
            {artist.homonyms.map(({ slug, name, country }) => {
              const change = elsewhere("artist", { id: slug });
              return (
                <li key={slug}>
                  <a href={address(change)} onClick={(event) => follow(event, change)}>
                    {name}
                    {country !== null && ` (${regionText(country)})`}
                  </a>
                </li>
              );
            })}
          </ul>
        </section>
      )}
    </>
  );
}

function Song({ recording }: { recording: ArtistRecording }) {
  const change = elsewhere("track", { id: recording.track_id });
  return (
    <li>
      <Cover address={webAddress(recording.cover_url)} title={recording.title} size={64} />
      <div class="named">
        <a
          class="song"
          dir="auto"
          title={recording.title}
          href={address(change)}
          onClick={(event) => follow(event, change)}
        >
          {recording.title}
        </a>
        <span class="artist" dir="auto">
          {recording.artists.map((one) => one.name).join(", ")}
        </span>
        <span class="said">{said(recording)}</span>
      </div>
    </li>
  );
}

function said({ genres: places }: ArtistRecording): string {
  const [top] = bestFirst(places);
  if (top === undefined) return "";
  const last = places.map((one) => one.last_date).reduce((latest, one) => (one > latest ? one : latest));
  const day = dayText(last, "short");
  return top.best_rank === null
    ? words("artist.never", { day })
    : words("artist.placed", {
        rank: top.best_rank,
        genre: nameOfGenre(top.genre),
        count: top.days_on_chart,
        day,
      });
}
