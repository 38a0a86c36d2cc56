// The genres: one link each, so that a genre can be opened in a tab of its own.

import { address, follow } from "../state/navigation";
import { genre, genres } from "../state/store";

export function GenreNav() {
  return (
    <nav class="genres" aria-label="Genres">
      <ul>
        {(genres.value.data ?? []).map(({ genre_name, display_name }) => {
          const change = { genre: genre_name, track: null };
          return (
            <li key={genre_name}>
              <a
                href={address(change)}
                aria-current={genre_name === genre.value ? "page" : undefined}
                onClick={(event) => follow(event, change)}
              >
                {display_name}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
