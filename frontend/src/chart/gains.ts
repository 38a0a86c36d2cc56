// How much a track gained. Pure.

import { SOURCES } from "../api/types";
import type { Row } from "./rows";

/** The gain of the last seven days as a share of the total before them, over all sources whose gain and total are known; else null. */
export function growth(row: Pick<Row, "totals" | "gains">): number | null {
  let gained = 0;
  let before = 0;
  for (const source of SOURCES) {
    const gain = row.gains[source];
    const total = row.totals[source];
    if (gain !== null && total !== null) {
      gained += gain;
      before += total - gain;
    }
  }
  return before > 0 ? gained / before : null;
}
