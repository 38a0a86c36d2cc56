// The star of a song: a button with its name, or in a row of the chart its sign alone.

import { starred, toggleStar } from "../state/stars";
import type { Star } from "../chart/starred";
import { words } from "../texts";

interface Props {
  track: Pick<Star, "id" | "title" | "artist">;
}

export function StarButton({ track }: Props) {
  const isStarred = starred.value.has(track.id);
  return (
    <button type="button" class="button" aria-pressed={isStarred} onClick={() => toggleStar(track)}>
      <span class="star-sign" aria-hidden="true">
        {isStarred ? "★" : "☆"}
      </span>{" "}
      {words("star.name")}
    </button>
  );
}

/** The sign in a row; the table around it handles the click, so that thousands of rows have no handler of their own. */
export function RowStar({ title, isStarred }: { title: string; isStarred: boolean }) {
  return (
    <button type="button" class="star" aria-pressed={isStarred} aria-label={words("star.of", { title })}>
      {isStarred ? "★" : "☆"}
    </button>
  );
}
