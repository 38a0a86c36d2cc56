// The current view as CSV (RFC 4180, with a byte order mark so that spreadsheets take it for UTF-8). Pure.

import { NAMES, SERVICES, SOURCES } from "../api/types";
import type { Row } from "./rows";

const BYTE_ORDER_MARK = "\ufeff";

/** The rows of a genre's chart of a day as text, one line each: with totals and gains, whichever of them the page shows. */
export function csvText(rows: readonly Row[], genre: string, day: string): string {
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
    ...SERVICES.map((service) => `${NAMES[service]} position`),
    ...SOURCES.flatMap((source) => [`${NAMES[source]} total`, `${NAMES[source]} gain 7 days`]),
    ...SERVICES.map((service) => `${NAMES[service]} link`),
    "YouTube link",
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
      ...SERVICES.map((service) => row.positions[service] ?? null),
      ...SOURCES.flatMap((source) => [row.totals[source], row.gains[source]]),
      ...SERVICES.map((service) => row.links[service] ?? null),
      row.links.Youtube ?? null,
    ];
  });
  return BYTE_ORDER_MARK + [head, ...lines].map((line) => line.map(cell).join(",") + "\r\n").join("");
}

/** A text that a spreadsheet would take for a formula gets an apostrophe; a number is left alone. */
function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[\s]*[=+\-@|%]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A file name for the view. */
export function csvName(genre: string, day: string): string {
  return `tunemeld-${genre.replace(/[^\w-]+/g, "-")}-${day}.csv`;
}
