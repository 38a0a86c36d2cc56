// How a track has moved since the earlier chart: an arrow with places, NEW, RE, or the same place.

import type { Row } from "../chart/rows";

export function Movement({ row }: { row: Pick<Row, "status" | "movement"> }) {
  const [sign, said] = movementText(row);
  return (
    <span class={`movement ${row.status ?? "unknown"}`}>
      <span aria-hidden="true">{sign}</span>
      <span class="hidden">{said}</span>
    </span>
  );
}

/** The sign, and the words for screen readers. */
export function movementText({ status, movement }: Pick<Row, "status" | "movement">): readonly [string, string] {
  const places = Math.abs(movement ?? 0);
  const counted = `${places} place${places === 1 ? "" : "s"}`;
  switch (status) {
    case "new":
      return ["NEW", "new on the chart"];
    case "re":
      return ["RE", "back on the chart"];
    case "up":
      return [`▲ ${places}`, `up ${counted}`];
    case "down":
      return [`▼ ${places}`, `down ${counted}`];
    case "same":
      return ["=", "same place"];
    default:
      return ["–", "movement unknown"];
  }
}
