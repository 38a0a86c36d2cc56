// The current view as CSV (RFC 4180). It starts with a byte order mark, so spreadsheets read it as UTF-8. Pure.

import type { Row } from "./rows";
import { allOf, type ChartServices } from "./services";

const BYTE_ORDER_MARK = "\ufeff";

/** The rows of a genre's chart as text, one line each. Totals and gains are both in it, no matter which the page shows. */
export function csvText(rows: readonly Row[], services: ChartServices, genre: string, day: string): string {
  const { listing, counting } = services;
  const linked = allOf(services);
  const head = [
    "genre",
    "date",
    "rank",
    "status",
    "movement",
    "title",
    "artist",
    "ISRC",
    "peak",
    "weeks",
    ...listing.map(({ name }) => `${name} position`),
    ...counting.flatMap(({ name }) => [`${name} total`, `${name} gain 7 days`]),
    ...linked.map(({ name }) => `${name} link`),
  ];
  const lines = rows.map((row) => {
    return [
      genre,
      day,
      row.rank,
      row.status,
      row.movement,
      row.title,
      row.artist,
      row.isrc,
      row.peak,
      row.weeks,
      ...listing.map(({ service }) => row.positions[service] ?? null),
      ...counting.flatMap(({ service }) => [row.totals[service] ?? null, row.gains[service] ?? null]),
      ...linked.map(({ service }) => row.links[service] ?? null),
    ];
  });
  return BYTE_ORDER_MARK + [head, ...lines].map((line) => line.map(cell).join(",") + "\r\n").join("");
}

/** A text that a spreadsheet would read as a formula gets an apostrophe; numbers stay as they are. */
function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[\s]*[=+\-@|%]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The file name for a view. */
export function csvName(genre: string, day: string): string {
  return `tunemeld-${genre.replace(/[^\w-]+/g, "-")}-${day}.csv`;
}
