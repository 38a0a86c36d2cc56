// How much a track gained. Pure.

import type { Row } from "./rows";

type Counted = Pick<Row, "totals" | "gains">;

/** The gain of the last seven days as a share of the total before them, over all sources whose gain and total are known; else null. */
export function growth(row: Counted): number | null {
  return shareOf(Object.keys(row.gains).map((source) => [row.gains[source], row.totals[source]]));
}

/** The same of one source alone. */
export function growthOn(row: Counted, source: string): number | null {
  return shareOf([[row.gains[source], row.totals[source]]]);
}

type Count = number | null | undefined;

function shareOf(counts: readonly (readonly [Count, Count])[]): number | null {
  let gained = 0;
  let before = 0;
  for (const [gain, total] of counts) {
    if (typeof gain === "number" && typeof total === "number") {
      gained += gain;
      before += total - gain;
    }
  }
  return before > 0 ? gained / before : null;
}
