// The current view as CSV (RFC 4180, with a byte order mark so that spreadsheets take it for UTF-8). Pure.

import { NAMES, SERVICES } from "../api/types";
import type { Counts } from "../state/view";
import type { Row } from "./rows";

const BYTE_ORDER_MARK = "\ufeff";

/** The rows as text, one line each. */
export function csvText(rows: readonly Row[], counts: Counts): string {
  const unit = counts === "gain" ? "gain 7 days" : "total";
  const head = [
    "rank",
    "status",
    "movement",
    "title",
    "artist",
    "peak",
    "weeks",
    ...SERVICES.map((service) => `${NAMES[service]} position`),
    `YouTube ${unit}`,
    `Spotify ${unit}`,
    ...SERVICES.map((service) => `${NAMES[service]} link`),
    "YouTube link",
  ];
  const lines = rows.map((row) => {
    const shown = counts === "gain" ? row.gains : row.totals;
    return [
      row.rank,
      row.status,
      row.movement,
      row.title,
      row.artist,
      row.peak,
      row.weeks,
      ...SERVICES.map((service) => row.positions[service] ?? null),
      shown.Youtube,
      shown.Spotify,
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
