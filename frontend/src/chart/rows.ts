// A chart's rows as the page shows them. Pure.

import type { Chart, ChartTrack, Service } from "../api/types";
import { words } from "../texts";
import { webAddress } from "./links";
import { playerOf } from "./players";
import { folded } from "./searching";

export type Status = "new" | "re" | "up" | "down" | "same";

/** By service; one that is not there has nothing. */
export type ByService<T> = Readonly<Partial<Record<string, T>>>;

/** An unknown count is null; a service that does not list the track has no position. */
export interface Row {
  rank: number;
  id: string;
  isrc: string | null;
  title: string;
  artist: string;
  cover: string | null;
  links: ByService<string>;
  positions: ByService<number>;
  contributions: ByService<number>;
  status: Status | null;
  movement: number | null;
  previousRank: number | null;
  peak: number | null;
  peakDate: string | null;
  weeks: number | null;
  totals: ByService<number | null>;
  gains: ByService<number | null>;
  /** Title and artist in the form that the search compares. */
  searched: string;
}

export const UNNAMED = words("track.unnamed");
const STATUSES: readonly Status[] = ["new", "re", "up", "down", "same"];

/** The rows of a chart, the current one or that of a past day. */
export function chartRows(chart: Chart, services: readonly Service[]): Row[] {
  return chart.tracks.map((track) => {
    const places = Object.entries(track.services);
    const counts = Object.entries(track.counts);
    return {
      ...named(track),
      links: { ...videoLink(track.video_url, services), ...byService(places, ({ url }) => webAddress(url)) },
      positions: byService(places, ({ rank }) => rank),
      contributions: byService(places, ({ contribution }) => contribution),
      status: STATUSES.find((one) => one === track.status) ?? null,
      movement: track.movement,
      previousRank: track.previous_rank,
      peak: track.peak_rank,
      peakDate: track.peak_date,
      weeks: track.weeks_on_chart,
      totals: byService(counts, ({ last }) => last?.count ?? null),
      gains: byService(counts, ({ gain_7d }) => gain_7d),
    };
  });
}

function named(track: ChartTrack): Pick<Row, "rank" | "id" | "isrc" | "title" | "artist" | "cover" | "searched"> {
  const title = track.title?.trim() || UNNAMED;
  const artist = track.artist?.trim() ?? "";
  return {
    rank: track.rank,
    id: track.track_id,
    isrc: track.isrc,
    title,
    artist,
    cover: webAddress(track.cover_url),
    searched: folded(`${title} ${artist}`),
  };
}

/** A recording's addresses by service, that of its video under the service whose player can play it. */
export function linksOf(
  addresses: Readonly<Record<string, string>>,
  video: string | null,
  services: readonly Service[],
): ByService<string> {
  return { ...videoLink(video, services), ...byService(Object.entries(addresses), webAddress) };
}

/** The video under the service whose player can play it. */
function videoLink(text: string | null, services: readonly Service[]): ByService<string> {
  const address = webAddress(text) ?? undefined;
  const service = services.find((one) => playerOf(one, address) !== null);
  return address === undefined || service === undefined ? {} : { [service.service]: address };
}

function byService<Given, T>(
  given: readonly (readonly [string, Given])[],
  value: (one: Given) => T | null,
): Partial<Record<string, T>> {
  const found: Partial<Record<string, T>> = {};
  for (const [key, one] of given) {
    const known = value(one);
    if (known !== null) found[key] = known;
  }
  return found;
}
