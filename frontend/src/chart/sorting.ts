// The order of the rows. Pure. Unknown values come last in both directions, and equal ones keep the chart's order.

import type { Counts, Order, Sort } from "../state/view";
import { LOCALE } from "./formatting";
import { growth } from "./gains";
import type { Row } from "./rows";

type Key = number | string | null;

const collator = new Intl.Collator(LOCALE, { sensitivity: "base", numeric: true });

/** The rows sorted by a column, as a new list. */
export function sorted(rows: readonly Row[], sort: Sort, order: Order, counts: Counts): Row[] {
  const keyed = rows.map((row) => ({ row, key: sortKey(row, sort, counts) }));
  const sign = order === "asc" ? 1 : -1;
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) {
      return (a.key === null ? 1 : 0) - (b.key === null ? 1 : 0) || a.row.rank - b.row.rank;
    }
    return sign * compared(a.key, b.key) || a.row.rank - b.row.rank;
  });
  return keyed.map(({ row }) => row);
}

function compared(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b));
}

function sortKey(row: Row, sort: Sort, counts: Counts): Key {
  const shown = counts === "gain" ? row.gains : row.totals;
  switch (sort) {
    case "rank":
      return row.rank;
    case "movement":
      return movementKey(row);
    case "title":
      return row.title;
    case "artist":
      return row.artist === "" ? null : row.artist;
    case "peak":
      return row.peak;
    case "weeks":
      return row.weeks;
    case "spotify-position":
      return row.positions.Spotify ?? null;
    case "apple-position":
      return row.positions.AppleMusic ?? null;
    case "soundcloud-position":
      return row.positions.SoundCloud ?? null;
    case "youtube":
      return shown.Youtube;
    case "spotify":
      return shown.Spotify;
    case "trend":
      return growth(row);
  }
}

/** New entries rank above every climb, re-entries right below them. */
function movementKey(row: Row): Key {
  if (row.status === "new") return 1e9;
  if (row.status === "re") return 1e8;
  return row.movement;
}
