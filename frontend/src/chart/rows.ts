// A chart's rows as the page shows them. Pure.

import { SERVICES, SOURCES, type Chart, type ChartTrack, type Service, type Source } from "../api/types";
import { webAddress } from "./links";
import { folded } from "./searching";

export type Status = ChartTrack["status"];

/** An unknown count is null; a service that does not list the track has no position. */
export interface Row {
  rank: number;
  id: string;
  isrc: string | null;
  title: string;
  artist: string;
  cover: string | null;
  links: Partial<Record<Service | "Youtube", string>>;
  positions: Partial<Record<Service, number>>;
  contributions: Partial<Record<Service, number>>;
  status: Status;
  movement: number | null;
  previousRank: number | null;
  peak: number | null;
  peakDate: string | null;
  weeks: number | null;
  totals: Record<Source, number | null>;
  gains: Record<Source, number | null>;
  /** Title and artist in the form that the search compares. */
  searched: string;
}

const UNNAMED = "Unknown title";

/** The rows of a chart, the current one or that of a past day. */
export function chartRows(chart: Chart): Row[] {
  return chart.tracks.map((track) => {
    const others = Object.entries(track.additional_sources);
    return {
      ...named(track),
      links: links([[track.source_name, track.track_url], ...others, ["Youtube", track.youtube_url]]),
      positions: perService(track.sources),
      contributions: perService(track.contributions),
      status: track.status,
      movement: track.movement,
      previousRank: track.previous_rank,
      peak: track.peak_rank,
      peakDate: track.peak_date,
      weeks: track.weeks_on_chart,
      totals: perSource((source) => known(track.view_count_data_json[source]?.current_count_json.current_view_count)),
      gains: perSource((source) => track.gain_7d[source]),
    };
  });
}

function named(track: ChartTrack): Pick<Row, "rank" | "id" | "isrc" | "title" | "artist" | "cover" | "searched"> {
  const title = track.track_name.trim() || UNNAMED;
  const artist = track.artist_name.trim();
  const cover = webAddress(track.album_cover_url);
  return {
    rank: track.rank,
    id: track.track_id,
    isrc: track.isrc,
    title,
    artist,
    cover,
    searched: folded(`${title} ${artist}`),
  };
}

function links(given: Iterable<readonly [string, string | null | undefined]>): Row["links"] {
  const found: Row["links"] = {};
  for (const [name, text] of given) {
    const address = webAddress(text);
    if (address !== null && isLinked(name)) found[name] = address;
  }
  return found;
}

function isLinked(name: string): name is Service | "Youtube" {
  return name === "Youtube" || SERVICES.some((one) => one === name);
}

function perService(given: Record<string, number>): Partial<Record<Service, number>> {
  const found: Partial<Record<Service, number>> = {};
  for (const service of SERVICES) {
    const value = given[service];
    if (value !== undefined) found[service] = value;
  }
  return found;
}

/** A count of `/playlist-data`, in which an unknown one is an empty text. */
function known(count: number | "" | undefined): number | null {
  return count === undefined || count === "" ? null : count;
}

function perSource(value: (source: Source) => number | null | undefined): Record<Source, number | null> {
  const found = Object.fromEntries(SOURCES.map((source) => [source, value(source) ?? null]));
  return found as Record<Source, number | null>;
}
