// The current view as CSV (RFC 4180). It starts with a byte order mark, so spreadsheets read it as UTF-8. Pure.

import { NAMES, SERVICES, SOURCES } from "../api/types";
import type { Row } from "./rows";

const BYTE_ORDER_MARK = "\ufeff";

/** The rows of a genre's chart as text, one line each. Totals and gains are both in it, no matter which the page shows. */
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
