// The order of the rows. Pure. Unknown values come last in both directions, and equal ones keep the chart's order.

import type { Counts, Order } from "../state/view";
import { LOCALE } from "../texts";
import type { Column } from "./columns";
import type { Row } from "./rows";

const collator = new Intl.Collator(LOCALE, { sensitivity: "base", numeric: true });

/** The rows sorted by a column, as a new list. */
export function sorted(rows: readonly Row[], column: Column, order: Order, counts: Counts): Row[] {
  const keyed = rows.map((row) => ({ row, key: column.value(row, counts) }));
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
