// The three services' own playlists side by side: each with its name, when it was fetched, and its rows with their rank on the chart.

import { useSignal } from "@preact/signals";

import { NAMES, SERVICES, type Header, type Service, type ServiceTrack } from "../api/types";
import { dayText, momentText, plural } from "../chart/formatting";
import { webAddress } from "../chart/links";
import { follow } from "../state/navigation";
import {
  day,
  genreName,
  headers,
  latestDay,
  rowById,
  servicePlaylist,
  trackAddress,
  trackChange,
} from "../state/store";
import { Cover } from "./Cover";

const FIRST_ROWS = 10;

export function ServiceLists() {
  return (
    <section class="services" aria-labelledby="services-title" id="services">
      <h2 id="services-title">
        The services’ {day.value !== null && "latest "}
        {genreName.value} playlists
      </h2>
      {day.value !== null && (
        <p class="quiet">
          {latestDay.value !== null && `From ${dayText(latestDay.value)}. `}The table above shows where the services
          listed each track on {dayText(day.value)}.
        </p>
      )}
      <div class="service-columns">
        {SERVICES.map((service) => (
          <ServiceList key={service} service={service} />
        ))}
      </div>
    </section>
  );
}

function ServiceList({ service }: { service: Service }) {
  const header = headers.value.data?.[service];
  const list = servicePlaylist(service);
  const all = useSignal(false);
  const tracks = list.data?.[0]?.tracks ?? [];
  const shown = all.value ? tracks : tracks.slice(0, FIRST_ROWS);
  return (
    <article class={`service ${service}`} aria-labelledby={`${service}-name`} data-service={service}>
      <h3 id={`${service}-name`}>{NAMES[service]}</h3>
      {header === undefined ? (
        <p class="stale" hidden={headers.value.loading}>
          Couldn’t load this playlist’s details.
        </p>
      ) : (
        <PlaylistHead header={header} />
      )}
      {list.data === null ? (
        <p class="quiet">{list.loading ? "Loading …" : header === undefined ? "" : "Couldn’t load its tracks."}</p>
      ) : (
        <ol class="service-rows">
          {shown.map((track) => (
            <ServiceRow key={`${track.rank} ${track.track_id}`} track={track} />
          ))}
        </ol>
      )}
      {tracks.length > FIRST_ROWS && (
        <button type="button" class="button" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
          {all.value ? `Show only the first ${FIRST_ROWS}` : `Show all ${plural(tracks.length, "track")}`}
          <span class="hidden"> on {NAMES[service]}</span>
        </button>
      )}
    </article>
  );
}

function PlaylistHead({ header }: { header: Header }) {
  const link = webAddress(header.playlist_url);
  const name = header.playlist_name;
  return (
    <div class="playlist">
      <Cover address={webAddress(header.playlist_cover_url)} title={name} size={88} />
      <div>
        <p class="playlist-name" dir="auto">
          {link === null ? (
            name
          ) : (
            <a href={link} target="_blank" rel="noopener noreferrer">
              {name}
            </a>
          )}
        </p>
        {header.playlist_cover_description_text !== "" && (
          <p class="description" dir="auto">
            {header.playlist_cover_description_text}
          </p>
        )}
        {header.fetched_at === null ? (
          <p class="stale">We haven’t fetched this playlist yet.</p>
        ) : header.stale ? (
          <p class="stale">
            <strong>Out of date.</strong> The service has not answered
            {header.stale_since !== null && (
              <>
                {" "}
                since <time dateTime={header.stale_since}>{momentText(header.stale_since)}</time>
              </>
            )}
            ; this list is from <time dateTime={header.fetched_at}>{momentText(header.fetched_at)}</time>.
          </p>
        ) : (
          <p class="quiet">
            Fetched <time dateTime={header.fetched_at}>{momentText(header.fetched_at)}</time>
          </p>
        )}
      </div>
    </div>
  );
}

function ServiceRow({ track }: { track: ServiceTrack }) {
  const link = webAddress(track.track_url);
  const row = rowById.value.get(track.track_id);
  return (
    <li>
      <span class="place">{track.rank}</span>
      <Cover address={webAddress(track.album_cover_url) ?? row?.cover ?? null} title={track.track_name} size={40} />
      <span class="names">
        <span class="name" dir="auto">
          {link === null ? (
            track.track_name
          ) : (
            <a href={link} target="_blank" rel="noopener noreferrer">
              {track.track_name}
            </a>
          )}
        </span>
        <span class="quiet" dir="auto">
          {track.artist_name}
        </span>
      </span>
      {row !== undefined && day.value === null && (
        <a
          class="on-chart"
          href={trackAddress(track.track_id)}
          onClick={(event) => follow(event, trackChange(track.track_id))}
          aria-label={`Number ${row.rank} on the chart: ${track.track_name}`}
        >
          #{row.rank}
        </a>
      )}
    </li>
  );
}
