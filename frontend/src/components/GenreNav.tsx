// Today and the genres, one link each, so that each can be opened in a new tab. Where there are many, the shown one stands here, and the
// others are in a list that can be searched.

import { useEffect, useRef } from "preact/hooks";

import { address, elsewhere, follow, view } from "../state/navigation";
import { genre, genres } from "../state/store";
import { TODAY } from "../state/view";
import { SIDE_BY_SIDE } from "../chart/genres";
import { words } from "../texts";
import { GenreFinder } from "./GenreFinder";
import { bringIntoSight } from "./strips";

export function GenreNav() {
  const strip = useRef<HTMLUListElement>(null);
  const { place } = view.value;
  const all = genres.value.data ?? [];
  const isMany = all.length > SIDE_BY_SIDE;
  const beside = isMany ? all.filter((one) => place === "chart" && one.genre === genre.value) : all;
  useEffect(() => bringIntoSight(strip.current, "[aria-current]"), [place, genre.value, genres.value.data]);
  return (
    <nav class="genres" aria-label={words("nav.charts")}>
      <ul ref={strip}>
        <li>
          <a
            href={address(TODAY)}
            aria-current={place === "today" ? "page" : undefined}
            onClick={(event) => follow(event, TODAY)}
          >
            {words("nav.today")}
          </a>
        </li>
        {beside.map(({ genre: key, name }) => {
          const change = place === "chart" ? { genre: key, track: null } : elsewhere("chart", { genre: key });
          return (
            <li key={key}>
              <a
                href={address(change)}
                aria-current={place === "chart" && key === genre.value ? "page" : undefined}
                onClick={(event) => follow(event, change)}
              >
                {name}
              </a>
            </li>
          );
        })}
      </ul>
      {isMany && <GenreFinder genres={all} />}
    </nav>
  );
}
