// What the page shows, derived from the view and the API's answers. Nothing here knows HTML.

import { computed, effect, signal } from "@preact/signals";

import { askAgain, wanted, type Known } from "../api/client";
import {
  SERVICES,
  type Chart,
  type GenreSummary,
  type Graph,
  type Header,
  type Service,
  type ServicePlaylist,
} from "../api/types";
import { dayText } from "../chart/formatting";
import { chartRows } from "../chart/rows";
import { found } from "../chart/searching";
import { histories as seriesById } from "../chart/series";
import { sorted } from "../chart/sorting";
import { view } from "./navigation";
import { DEFAULT_VIEW, viewSearch, type View } from "./view";

const REFRESH_AFTER = 5 * 60_000;

export const online = signal(navigator.onLine);

export const genres = computed(() => wanted<GenreSummary[]>("/genres").value);

/** The genre that is looked at, known from the address or else the first there is. */
export const genre = computed(() => view.value.genre ?? genres.value.data?.[0]?.genre_name ?? null);
export const genreSummary = computed(() => genres.value.data?.find((one) => one.genre_name === genre.value) ?? null);
export const genreName = computed(() => genreSummary.value?.display_name ?? genre.value ?? "");

const NOTHING: Known<never> = { data: null, loading: true, slow: false, trouble: null, stale: null, at: 0 };

function ofGenre<T>(path: string, more = ""): Known<T> {
  return genre.value === null ? NOTHING : wanted<T>(`/${path}/${encodeURIComponent(genre.value)}${more}`).value;
}

export const dates = computed(() => ofGenre<string[]>("chart-dates"));
export const latestDay = computed(() => dates.value.data?.at(-1) ?? null);

/** The past day whose chart is looked at; null for the current chart, also where the address names its day. */
export const day = computed(() => (view.value.date === latestDay.value ? null : view.value.date));

/** The chart that is looked at: the current one, or that of the view's day. */
export const chart = computed((): Known<Chart[]> => {
  // Whether a day is the latest is known with the days.
  if (view.value.date !== null && dates.value.data === null && dates.value.loading) {
    return { ...dates.value, data: null };
  }
  return ofGenre("playlist-data", day.value === null ? "" : `?date=${day.value}`);
});
export const headers = computed(() => ofGenre<Partial<Record<Service, Header>>>("header-art"));
export const graph = computed(() => countsOver(null));
const updated = computed(() => ofGenre<{ last_updated: string }>("last-updated"));
/** When it was observed, as the API says it also after a rollback. */
export const lastUpdated = computed(() => updated.value.data?.last_updated ?? null);

/** The counts over time of the tracks of the chart that is looked at, until its day: 90 days, or so many. */
export function countsOver(days: string | null): Known<Graph[]> {
  const said = new URLSearchParams();
  if (day.value !== null) said.set("date", day.value);
  if (days !== null) said.set("days", days);
  return ofGenre<Graph[]>("graph-data", said.size === 0 ? "" : `?${said.toString()}`);
}

/** One service's own playlist. */
export function servicePlaylist(service: Service): Known<ServicePlaylist[]> {
  return ofGenre<ServicePlaylist[]>("service-playlist", `/${service}`);
}

/** The answer alone: what changes only with it is not made again while it is asked for again. */
const chartData = computed(() => chart.value.data);
const graphData = computed(() => (chartData.value === null ? null : graph.value.data));

/** The list that answers hold one chart in. */
const shownChart = computed(() => chartData.value?.[0] ?? null);

/** The counts over time are wanted only once there is a chart to draw them into. */
export const histories = computed(() => seriesById(graphData.value ?? []));

const sortColumn = computed(() => view.value.sort);
const sortOrder = computed(() => view.value.order);
export const counts = computed(() => view.value.counts);
export const query = computed(() => view.value.q);

/** All rows of the chart in its own order. */
export const rows = computed(() => (shownChart.value === null ? null : chartRows(shownChart.value)));

/** The current chart, where that is what is looked at. */
export const currentChart = computed(() => (day.value === null ? shownChart.value : null));

/** All that stands beside the chart: without it the page is incomplete, and no more. */
export const parts = computed<readonly Known<unknown>[]>(() =>
  rows.value === null
    ? []
    : [graph.value, dates.value, headers.value, updated.value, ...SERVICES.map((one) => servicePlaylist(one))],
);

/** What the table shows. */
export const shownRows = computed(() =>
  rows.value === null ? null : found(sorted(rows.value, sortColumn.value, sortOrder.value, counts.value), query.value),
);

/** The rows by their tracks. */
export const rowById = computed(() => new Map((rows.value ?? []).map((row) => [row.id, row])));

const chartAddress = computed(() => viewSearch({ ...DEFAULT_VIEW, ...charted() }));

/** The genre and the day of the chart that is looked at, also of the current one: tomorrow another will be. */
function charted(): Pick<View, "genre" | "date"> {
  return { genre: genre.value, date: day.value ?? latestDay.value };
}

/** The address of a track's panel. How the chart is sorted is not in it, so that sorting need not draw a row anew. */
export function trackAddress(id: string): string {
  const chart = chartAddress.value;
  return `${chart}${chart === "?" ? "" : "&"}${new URLSearchParams({ track: id }).toString()}`;
}

/** What opens a track's panel on this chart. */
export function trackChange(id: string): Partial<View> {
  return { ...charted(), track: id };
}

/** What closes it, and leaves the chart. */
export function withoutTrack(): Partial<View> {
  return { track: null, date: day.value };
}

/** What the data are: from the services, invented by the sandbox, or recorded. */
export const upstream = computed(() => currentChart.value?.upstream ?? genreSummary.value?.upstream ?? null);

/** Keeps the page's title and its data fresh for as long as it is open. */
export function keepFresh(): void {
  effect(() => {
    if (genreName.value !== "") {
      // In the words of the title that the server gave the page.
      const dated = view.value.date === null ? "" : ` of ${dayText(view.value.date, "short")}`;
      document.title = `${genreName.value} chart${dated} · TuneMeld`;
    }
  });
  addEventListener("online", () => {
    online.value = true;
    askAgain();
  });
  addEventListener("offline", () => (online.value = false));
  const refresh = () => {
    if (document.visibilityState === "visible") askAgain({ all: true, olderThan: REFRESH_AFTER });
  };
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, REFRESH_AFTER);
}
