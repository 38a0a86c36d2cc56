// What is shared of a chart: its files and feeds, its rows as a text, and the code that embeds it. Pure.

import type { Row } from "./rows";

/** The endings of a chart's files, as the API has them; the view as CSV is in another menu. */
export const FILES = ["jspf", "xspf", "m3u8", "csv", "txt"] as const;
export const FEEDS = ["atom", "json"] as const;

const encoded = (part: string) => encodeURIComponent(part).replaceAll("%3A", ":");

/** The address of a chart as a file, that of a past day or the newest. */
export function fileAddress(api: string, genre: string, ending: (typeof FILES)[number], day: string | null): string {
  return `${api}/v1/export/${encoded(genre)}.${ending}${day === null ? "" : `?date=${day}`}`;
}

/** The address of a genre's feed. */
export function feedAddress(api: string, genre: string, ending: (typeof FEEDS)[number]): string {
  return `${api}/feeds/${encoded(genre)}.${ending}`;
}

/** The rows as lines that can be pasted anywhere, under a heading and with the address. */
export function rowsText(heading: string, rows: readonly Pick<Row, "rank" | "title" | "artist">[], at: string): string {
  const lines = rows.map(({ rank, title, artist }) => `${rank}. ${[title, artist].filter(Boolean).join(" – ")}`);
  return [heading, ...lines, at].join("\n");
}

/** The code by which another site shows a genre's top ten; `origin` is that of the API. */
export function embedCode(origin: string, genre: string, title: string): string {
  const quoted = title.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return (
    `<iframe src="${origin}/embed/${encoded(genre)}" title="${quoted}" width="420" height="640"` +
    ` loading="lazy" style="border:0;max-width:100%"></iframe>`
  );
}
