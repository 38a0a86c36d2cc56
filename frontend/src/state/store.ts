// What the page shows, derived from the view and the API's answers. No HTML here.

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

/** The shown genre: the one in the address, or else the first one. */
export const genre = computed(() => view.value.genre ?? genres.value.data?.[0]?.genre_name ?? null);
export const genreSummary = computed(() => genres.value.data?.find((one) => one.genre_name === genre.value) ?? null);
export const genreName = computed(() => genreSummary.value?.display_name ?? genre.value ?? "");

const NOTHING: Known<never> = { data: null, loading: true, slow: false, trouble: null, stale: null, at: 0 };

function ofGenre<T>(path: string, more = ""): Known<T> {
  return genre.value === null ? NOTHING : wanted<T>(`/${path}/${encodeURIComponent(genre.value)}${more}`).value;
}

export const dates = computed(() => ofGenre<string[]>("chart-dates"));
export const latestDay = computed(() => dates.value.data?.at(-1) ?? null);

/** The past day of the shown chart; null for the current chart, even if the address names its day. */
export const day = computed(() => (view.value.date === latestDay.value ? null : view.value.date));

/** The shown chart: the current one, or that of the view's day. */
export const chart = computed((): Known<Chart[]> => {
  // Only the list of days tells whether a day is the latest.
  if (view.value.date !== null && dates.value.data === null && dates.value.loading) {
    return { ...dates.value, data: null };
  }
  return ofGenre("playlist-data", day.value === null ? "" : `?date=${day.value}`);
});
export const headers = computed(() => ofGenre<Record<Service, Header>>("header-art"));
export const graph = computed(() => countsOver(null));
const updated = computed(() => ofGenre<{ last_updated: string }>("last-updated"));
/** When the chart was observed, from the API; also right after a rollback. */
export const lastUpdated = computed(() => updated.value.data?.last_updated ?? null);

/** The counts over time of the shown chart's tracks, up to its day: for 90 days, or for `days`. */
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

/** The answer alone. What depends on it alone is not recomputed when a refresh merely starts. */
const chartData = computed(() => chart.value.data);
const graphData = computed(() => (chartData.value === null ? null : graph.value.data));

/** The one chart in the answer's list. */
const shownChart = computed(() => chartData.value?.[0] ?? null);

/** The counts over time, requested only once there is a chart to draw them in. */
export const histories = computed(() => seriesById(graphData.value ?? []));

const sortColumn = computed(() => view.value.sort);
const sortOrder = computed(() => view.value.order);
export const counts = computed(() => view.value.counts);
export const query = computed(() => view.value.q);

/** All rows of the chart in chart order. */
export const rows = computed(() => (shownChart.value === null ? null : chartRows(shownChart.value)));

/** The current chart if it is shown, else null. */
export const currentChart = computed(() => (day.value === null ? shownChart.value : null));

/** Everything around the chart. Without it the page is incomplete but still works. */
export const parts = computed<readonly Known<unknown>[]>(() =>
  rows.value === null
    ? []
    : [graph.value, dates.value, headers.value, updated.value, ...SERVICES.map((one) => servicePlaylist(one))],
);

/** What the table shows. */
export const shownRows = computed(() =>
  rows.value === null ? null : found(sorted(rows.value, sortColumn.value, sortOrder.value, counts.value), query.value),
);

/** The rows by track id. */
export const rowById = computed(() => new Map((rows.value ?? []).map((row) => [row.id, row])));

const chartAddress = computed(() => viewSearch({ ...DEFAULT_VIEW, ...charted() }));

/** The genre and day of the shown chart. The current chart gets its day too, since another chart will be current tomorrow. */
function charted(): Pick<View, "genre" | "date"> {
  return { genre: genre.value, date: day.value ?? latestDay.value };
}

/** The address of a track's panel. It leaves out how the chart is sorted, so sorting redraws no row. */
export function trackAddress(id: string): string {
  const chart = chartAddress.value;
  return `${chart}${chart === "?" ? "" : "&"}${new URLSearchParams({ track: id }).toString()}`;
}

/** The change that opens a track's panel on this chart. */
export function trackChange(id: string): Partial<View> {
  return { ...charted(), track: id };
}

/** The change that closes the panel and keeps the chart. */
export function withoutTrack(): Partial<View> {
  return { track: null, date: day.value };
}

/** Where the data come from: the services, the sandbox, or a recording. */
export const upstream = computed(() => currentChart.value?.upstream ?? genreSummary.value?.upstream ?? null);

/** Keeps the page's title and data fresh while it is open. */
export function keepFresh(): void {
  effect(() => {
    if (genreName.value !== "") {
      // The same words as in the title that the server wrote.
      const dated = view.value.date === null ? "" : ` for ${dayText(view.value.date, "short")}`;
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
