// What the pages other than the chart show, and the title of each page. No HTML here.

import { computed, effect } from "@preact/signals";

import { wanted, type Known } from "../api/client";
import type { Agreement, ArtistDetails, TodayAnswer, TrackDetails } from "../api/types";
import { dayText } from "../chart/formatting";
import { UNNAMED } from "../chart/rows";
import { LANGUAGE, words } from "../texts";
import { view } from "./navigation";
import { genreName, genres } from "./store";

/** What is worth knowing today, over all genres. */
export const today = computed(() => wanted<TodayAnswer>("/v1/today").value);

/** Everything that is known of a track. */
export function detailsOf(id: string): Known<TrackDetails> {
  return wanted<TrackDetails>(`/v1/tracks/${encodeURIComponent(id)}`).value;
}

/** An artist and their recordings. */
export function artistOf(slug: string): Known<ArtistDetails> {
  return wanted<ArtistDetails>(`/v1/artists/${encodeURIComponent(slug)}`).value;
}

/** How much the editors of a genre agree on each of so many days. */
export function agreementOf(key: string, days: number): Known<Agreement> {
  return wanted<Agreement>(`/v1/agreement/${encodeURIComponent(key)}?days=${days}`).value;
}

/** A genre's name for its key. */
export function nameOfGenre(key: string): string {
  return genres.value.data?.find((one) => one.genre === key)?.name ?? key;
}

const SITE = "TuneMeld";

/** The title of the site itself, which the server writes; a visitor who comes to Today from another page, or reads it in another language than
 * the server's, gets a short one. */
const siteTitle =
  view.peek().place === "today" && document.documentElement.lang === LANGUAGE
    ? document.title
    : `${words("today.title")} · ${SITE}`;

/** What the page is called; null while that is not known. */
export const pageName = computed(() => {
  const { place, id, date, q } = view.value;
  switch (place) {
    case "today":
      return words("today.title");
    case "chart": {
      const genre = genreName.value;
      if (genre === "") return null;
      return date === null
        ? words("chart.title", { genre })
        : words("chart.titleOfDay", { genre, day: dayText(date, "short") });
    }
    case "agreement":
      return genreName.value === "" ? null : words("agreement.title", { genre: genreName.value });
    case "track": {
      const details = detailsOf(id ?? "").data;
      return details === null ? null : [details.title ?? UNNAMED, details.credit].filter(Boolean).join(" – ");
    }
    case "artist":
      return artistOf(id ?? "").data?.name ?? null;
    case "songs":
      return words("songs.title");
    case "search":
      return q.trim() === "" ? words("search.link") : words("search.titleOf", { text: q.trim() });
  }
});

/** Keeps the title to what is shown, in the words of the titles that the server writes. */
export function keepTitle(): void {
  effect(() => {
    if (view.value.place === "today") document.title = siteTitle;
    else if (pageName.value !== null) document.title = `${pageName.value} · ${SITE}`;
  });
}
