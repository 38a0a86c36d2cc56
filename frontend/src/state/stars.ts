// The visitor's stars, kept in their browser alone.

import { computed, signal } from "@preact/signals";

import { merged, starsIn, starsText, type Star } from "../chart/starred";
import { keep, kept } from "./storage";

const STARS = "tunemeld-stars";

/** The newest star first. */
export const stars = signal<readonly Star[]>(starsIn(kept(STARS)) ?? []);
export const starred = computed<ReadonlySet<string>>(() => new Set(stars.value.map((one) => one.id)));
/** Whether the browser keeps them; in a private window it may refuse. */
export const areKept = signal(true);

/** Stars a song, or takes its star away. */
export function toggleStar({ id, title, artist }: Pick<Star, "id" | "title" | "artist">): void {
  const before = latest();
  const since = new Date().toISOString().slice(0, 10);
  put(
    before.some((one) => one.id === id)
      ? before.filter((one) => one.id !== id)
      : merged(before, [{ id, title, artist, since }]),
  );
}

/** Adds the stars of a file. */
export function addStars(more: readonly Star[]): void {
  put(merged(latest(), more));
}

/** Keeps a star under the id that its song has now. */
export function renameStars(names: ReadonlyMap<string, string>): void {
  if (stars.peek().every(({ id }) => (names.get(id) ?? id) === id)) return;
  put(
    merged(
      [],
      latest().map((one) => ({ ...one, id: names.get(one.id) ?? one.id })),
    ),
  );
}

/** What the browser keeps now: another tab may have starred something. Where it keeps nothing, what this page knows. */
function latest(): readonly Star[] {
  return areKept.peek() ? (starsIn(kept(STARS)) ?? stars.peek()) : stars.peek();
}

function put(next: readonly Star[]): void {
  stars.value = next;
  areKept.value = keep(STARS, starsText(next));
}

addEventListener("storage", ({ key, newValue }) => {
  if (key === STARS) stars.value = starsIn(newValue) ?? [];
});
