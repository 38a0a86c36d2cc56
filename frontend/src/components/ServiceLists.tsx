// The services' own playlists side by side: each with its name, when it was fetched, and its rows with their rank on the chart.

import { useSignal } from "@preact/signals";

import type { Known } from "../api/client";
import type { ListTrack, Service, ServiceList as List } from "../api/types";
import { classOf } from "../chart/services";
import { dayText, momentText, regionText } from "../chart/formatting";
import { webAddress } from "../chart/links";
import { UNNAMED } from "../chart/rows";
import { follow } from "../state/navigation";
import { day, genreName, listOf, rowById, shownServices, trackAddress, trackChange } from "../state/store";
import { words, type TextKey } from "../texts";
import { Cover } from "./Cover";
import { Phrase } from "./Phrase";

const FIRST_ROWS = 10;

export function ServiceLists() {
  return (
    <section class="services" aria-labelledby="services-title" id="services">
      <h2 id="services-title">
        {day.value === null
          ? words("lists.title", { genre: genreName.value })
          : words("lists.titleOfDay", { genre: genreName.value, day: dayText(day.value, "short") })}
      </h2>
      {day.value !== null && <p class="quiet">{words("lists.latestNames")}</p>}
      <div class="service-columns">
        {shownServices.value.listing.map((service) => (
          <ServiceList key={service.service} service={service} />
        ))}
      </div>
    </section>
  );
}

function ServiceList({ service }: { service: Service }) {
  const { service: key, name } = service;
  const list = listOf(key);
  const all = useSignal(false);
  const tracks = list.data?.tracks ?? [];
  const shown = all.value ? tracks : tracks.slice(0, FIRST_ROWS);
  return (
    <article class={`service ${classOf(key)}`} aria-labelledby={`${key}-name`} data-service={key}>
      <h3 id={`${key}-name`}>{name}</h3>
      {list.data === null ? (
        <p class="quiet playlist">{unavailable(list)}</p>
      ) : (
        <>
          <PlaylistHead list={list.data} service={service} />
          <ol class="service-rows">
            {shown.map((track) => (
              <ServiceRow key={`${track.rank} ${track.track_id}`} track={track} />
            ))}
          </ol>
        </>
      )}
      {tracks.length > FIRST_ROWS && (
        <button type="button" class="button" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
          {all.value
            ? words("lists.showFirst", { count: FIRST_ROWS })
            : words("lists.showAll", { count: tracks.length })}
          <span class="hidden"> {words("lists.on", { service: name })}</span>
        </button>
      )}
    </article>
  );
}

function unavailable({ loading, trouble }: Known<List>): string {
  if (loading) return words("lists.loading");
  return words(trouble?.kind === "missing" ? "lists.notKept" : "lists.failed");
}

function PlaylistHead({ list, service }: { list: List; service: Service }) {
  const link = webAddress(list.url);
  const name = list.name ?? words("lists.playlist", { service: service.name });
  return (
    <div class="playlist">
      <Cover address={webAddress(list.cover_url)} title={name} size={88} />
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
        {list.description !== null && (
          <p class="description" dir="auto" title={list.description}>
            {list.description}
          </p>
        )}
        {list.observed_at === null ? (
          <p class="stale">{words(day.value === null ? "lists.notYet" : "lists.couldNot")}</p>
        ) : list.stale ? (
          <p class="stale">
            <strong>{words("lists.outOfDate")}</strong> <Phrase of={staleText(list)} values={times(list)} />
          </p>
        ) : (
          <p class="quiet">
            <Phrase of="lists.fetched" values={times(list)} />
          </p>
        )}
        <p class="quiet provenance">{provenance(list)}</p>
      </div>
    </div>
  );
}

function staleText({ stale_since: since }: List): TextKey {
  if (day.value !== null) return since === null ? "lists.noAnswerThen" : "lists.noAnswerThenSince";
  return since === null ? "lists.noAnswer" : "lists.noAnswerSince";
}

function times({ observed_at: observed, stale_since: since }: List) {
  const shown = (time: string | null) => time !== null && <time dateTime={time}>{momentText(time)}</time>;
  return { time: shown(observed), since: shown(since) };
}

/** How much of the list was read, and how much stays as last seen, for which market, when its editors changed it, and from which source. */
function provenance({ tracks, rows_total, country, edited_at, source }: List): string {
  const before = tracks.flatMap((track) => track.last_seen_at ?? []).sort();
  const read = tracks.length - before.length;
  const [oldest] = before;
  return [
    rows_total === null ? words("count.row", { count: read }) : words("lists.rowsOf", { read, count: rows_total }),
    oldest === undefined
      ? null
      : words("lists.lastSeenRows", { count: before.length, day: dayText(oldest.slice(0, 10), "tiny") }),
    country === null ? null : words("lists.market", { country: regionText(country) }),
    edited_at === null ? null : words("lists.edited", { day: dayText(edited_at.slice(0, 10), "tiny") }),
    source === null ? null : words("lists.source", { source }),
  ]
    .filter((one) => one !== null)
    .join(" · ");
}

function ServiceRow({ track }: { track: ListTrack }) {
  const link = webAddress(track.url);
  const title = track.title ?? UNNAMED;
  const row = rowById.value.get(track.track_id);
  return (
    <li>
      <span class="place">{track.rank}</span>
      <Cover address={webAddress(track.cover_url) ?? row?.cover ?? null} title={title} size={40} />
      <span class="names">
        <span class="name" dir="auto" title={title}>
          {link === null ? (
            title
          ) : (
            <a href={link} target="_blank" rel="noopener noreferrer">
              {title}
            </a>
          )}
        </span>
        <span class="quiet" dir="auto" title={track.artist ?? undefined}>
          {track.artist}
        </span>
        {track.last_seen_at !== null && (
          <span class="quiet last-seen">
            {words("lists.lastSeen", { day: dayText(track.last_seen_at.slice(0, 10), "tiny") })}
          </span>
        )}
      </span>
      {row !== undefined && (
        <a
          class="on-chart"
          href={trackAddress(track.track_id)}
          onClick={(event) => follow(event, trackChange(track.track_id))}
          aria-label={words("lists.numberOnChart", { rank: row.rank, title })}
        >
          #{row.rank}
        </a>
      )}
    </li>
  );
}
