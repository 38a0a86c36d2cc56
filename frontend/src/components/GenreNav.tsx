// The genres, one link each, so a genre can be opened in a new tab.

import { useEffect, useRef } from "preact/hooks";

import { address, follow } from "../state/navigation";
import { genre, genres } from "../state/store";
import { bringIntoSight } from "./strips";

export function GenreNav() {
  const strip = useRef<HTMLUListElement>(null);
  useEffect(() => bringIntoSight(strip.current, "[aria-current]"), [genre.value, genres.value.data]);
  return (
    <nav class="genres" aria-label="Genres">
      <ul ref={strip}>
        {(genres.value.data ?? []).map(({ genre: key, name }) => {
          const change = { genre: key, track: null };
          return (
            <li key={key}>
              <a
                href={address(change)}
                aria-current={key === genre.value ? "page" : undefined}
                onClick={(event) => follow(event, change)}
              >
                {name}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
