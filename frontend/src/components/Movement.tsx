// How a track has moved since the earlier chart: an arrow with places, NEW, RE, or the same place.

import type { Row } from "../chart/rows";
import { words } from "../texts";

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
  switch (status) {
    case "new":
      return [words("movement.newSign"), words("movement.new")];
    case "re":
      return [words("movement.backSign"), words("movement.back")];
    case "up":
      return [`▲ ${places}`, words("movement.up", { count: places })];
    case "down":
      return [`▼ ${places}`, words("movement.down", { count: places })];
    case "same":
      return ["=", words("movement.same")];
    default:
      return ["–", words("movement.unknown")];
  }
}
