// A cover that plays its track when it is pressed; a cover alone if no service has a player for the track.

import type { Row } from "../chart/rows";
import { offersFor, play, playedRow, stop } from "../state/playing";
import { shownRows } from "../state/store";
import { Cover } from "./Cover";

export function PlayCover({ row, size }: { row: Row; size: number }) {
  const cover = <Cover address={row.cover} title={row.title} size={size} />;
  if (offersFor(row).length === 0) return <span class="play-cover">{cover}</span>;
  const isPlayed = playedRow.value?.id === row.id;
  return (
    <button
      type="button"
      class="play-cover"
      aria-label={isPlayed ? `Close the player of ${row.title}` : `Play ${row.title}`}
      aria-pressed={isPlayed}
      onClick={() => (isPlayed ? stop() : play(row, shownRows.peek() ?? [row]))}
    >
      {cover}
      <span class="play-sign" aria-hidden="true">
        {isPlayed ? "■" : "▶"}
      </span>
    </button>
  );
}
