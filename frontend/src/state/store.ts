// What the page shows, derived from the view and the API's answers. No HTML here.

import { computed, signal } from "@preact/signals";

import { askAgain, wanted, type Known } from "../api/client";
import { GENRES, SERVICES } from "../api/paths";
import type { Chart, ChartCounts, ChartedDate, Genre, Service, ServiceList } from "../api/types";
import { columnsOf, sortedColumn } from "../chart/columns";
import { chartRows } from "../chart/rows";
import { found } from "../chart/searching";
import { histories as seriesById, type Series } from "../chart/series";
import { chartServices, NO_SERVICES } from "../chart/services";
import { sorted } from "../chart/sorting";
import { addressOf, view } from "./navigation";
import { DEFAULT_VIEW, type View } from "./view";

const REFRESH_AFTER = 5 * 60_000;

export const online = signal(navigator.onLine);

export const genres = computed(() => wanted<Genre[]>(GENRES).value);
const described = computed(() => wanted<Service[]>(SERVICES).value);

/** The shown genre: the one in the address, or else the first one; null on a page of no genre. */
export const genre = computed(() => {
  const { place, genre: named } = view.value;
  if (place !== "chart" && place !== "agreement") return null;
  return named ?? genres.value.data?.[0]?.genre ?? null;
});
export const genreSummary = computed(() => genres.value.data?.find((one) => one.genre === genre.value) ?? null);
export const genreName = computed(() => genreSummary.value?.name ?? chart.value.data?.name ?? genre.value ?? "");

const NOTHING: Known<never> = { data: null, loading: true, slow: false, trouble: null, stale: null, at: 0 };

function ofGenre<T>(path: (genre: string) => string, date: string | null = null): Known<T> {
  if (genre.value === null || view.value.place !== "chart") return NOTHING;
  const of = path(encodeURIComponent(genre.value));
  return wanted<T>(date === null ? of : `${of}?date=${date}`).value;
}

const charted = computed(() => ofGenre<ChartedDate[]>((genre) => `/v1/charts/${genre}/days`));
/** The days with a chart, oldest first. */
export const dates = computed(() => charted.value.data?.map((one) => one.date).reverse() ?? null);
export const latestDay = computed(() => genreSummary.value?.date ?? dates.value?.at(-1) ?? null);

/** The past day of the shown chart; null for the current chart, even if the address names its day. */
export const day = computed(() => (view.value.date === latestDay.value ? null : view.value.date));

/** The shown chart: the current one, or that of the view's day. */
export const chart = computed((): Known<Chart> => {
  // Only the list of genres tells whether a day is the latest.
  if (view.value.date !== null && genres.value.data === null && genres.value.loading) {
    return { ...genres.value, data: null };
  }
  return ofGenre<Chart>((genre) => `/v1/charts/${genre}`, day.value);
});
const counted = computed(() => ofGenre<ChartCounts>((genre) => `/v1/charts/${genre}/counts`, day.value));

/** A service's list of the day that is shown. */
export function listOf(service: string): Known<ServiceList> {
  return ofGenre<ServiceList>((genre) => `/v1/lists/${genre}/${encodeURIComponent(service)}`, day.value);
}

/** The answer alone. What depends on it alone is not recomputed when a refresh merely starts. */
const shownChart = computed(() => chart.value.data);
const countedData = computed(() => (shownChart.value === null ? null : counted.value.data));
const describedData = computed(() => described.value.data ?? []);

/** The counts over time, requested only once there is a chart to draw them in. */
export const histories = computed(() =>
  countedData.value === null ? new Map<string, Series>() : seriesById(countedData.value),
);

/** Every service that the API describes. */
export const services = describedData;

/** The services of the shown chart. */
export const shownServices = computed(() =>
  shownChart.value === null ? NO_SERVICES : chartServices(shownChart.value, describedData.value),
);

/** The service whose list the chart is, where no other service is read that could agree with it. */
export const onlyService = computed(() => {
  const key = shownChart.value?.only_service ?? null;
  return shownServices.value.listing.find((one) => one.service === key) ?? null;
});

export const columns = computed(() => columnsOf(shownServices.value));
export const sortColumn = computed(() => sortedColumn(columns.value, view.value.sort));
export const sortOrder = computed(() =>
  sortColumn.value.sort === "rank" && view.value.sort !== "rank" ? "asc" : view.value.order,
);
export const counts = computed(() => view.value.counts);
export const query = computed(() => view.value.q);

/** All rows of the chart in chart order. */
export const rows = computed(() =>
  shownChart.value === null ? null : chartRows(shownChart.value, describedData.value),
);

/** The current chart if it is shown, else null. */
export const currentChart = computed(() => (day.value === null ? shownChart.value : null));

/** When the current chart was observed; null while a past one is shown. */
export const lastUpdated = computed(() => currentChart.value?.observed_at ?? null);

/** Whether nothing before the shown chart is known, so that nothing can have moved. */
export const isFirst = computed(() => shownChart.value !== null && shownChart.value.previous_date === null);

/** Everything around the chart. Without it the page is incomplete but still works. */
export const parts = computed<readonly Known<unknown>[]>(() =>
  rows.value === null
    ? []
    : [
        described.value,
        counted.value,
        charted.value,
        ...shownServices.value.listing.map(({ service }) => listOf(service)),
      ],
);

/** What the table shows. */
export const shownRows = computed(() =>
  rows.value === null ? null : found(sorted(rows.value, sortColumn.value, sortOrder.value, counts.value), query.value),
);

/** The rows by track id. */
export const rowById = computed(() => new Map((rows.value ?? []).map((row) => [row.id, row])));

const chartAddress = computed(() => addressOf({ ...DEFAULT_VIEW, ...shownDay() }));

/** The genre and day of the shown chart. The current chart gets its day too, since another chart will be current tomorrow. */
function shownDay(): Pick<View, "genre" | "date"> {
  return { genre: genre.value, date: day.value ?? latestDay.value };
}

/** The address of a track's panel. It leaves out how the chart is sorted, so sorting redraws no row. */
export function trackAddress(id: string): string {
  const chart = chartAddress.value;
  return `${chart}${chart.includes("?") ? "&" : "?"}track=${encodeURIComponent(id)}`;
}

/** The change that opens a track's panel on this chart. */
export function trackChange(id: string): Partial<View> {
  return { ...shownDay(), track: id };
}

/** The change that closes the panel and keeps the chart. */
export function withoutTrack(): Partial<View> {
  return { track: null, date: day.value };
}

/** Where the data come from: the services, the sandbox, or a recording. */
export const upstream = computed(
  () =>
    currentChart.value?.upstream ??
    genreSummary.value?.upstream ??
    genres.value.data?.find((one) => one.upstream !== null)?.upstream ??
    null,
);

/** Keeps the data fresh while the page is open. */
export function keepFresh(): void {
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
