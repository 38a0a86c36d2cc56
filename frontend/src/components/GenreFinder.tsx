// The list of many charts: it opens below the top of the page, and is searched by name and filtered by market.

import { useRef, useState } from "preact/hooks";

import type { Genre } from "../api/types";
import { countryName, foundGenres, marketsOf } from "../chart/genres";
import { address, elsewhere, isPlain, show, view } from "../state/navigation";
import { genre } from "../state/store";
import { words } from "../texts";

export function GenreFinder({ genres }: { genres: readonly Genre[] }) {
  const [isOpen, setOpen] = useState(false);
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (details.current !== null) details.current.open = false;
  };
  return (
    <details
      class="all-charts"
      ref={details}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        close();
        event.currentTarget.querySelector("summary")?.focus();
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (to instanceof Node && !event.currentTarget.contains(to)) close();
      }}
    >
      <summary>{words("nav.all", { count: genres.length })}</summary>
      {isOpen && <Finder genres={genres} close={close} />}
    </details>
  );
}

function Finder({ genres, close }: { genres: readonly Genre[]; close: () => void }) {
  const [query, setQuery] = useState("");
  const [market, setMarket] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const markets = marketsOf(genres);
  const found = foundGenres(genres, query, market);
  return (
    <div class="finder">
      <div class="finder-fields">
        <input
          type="search"
          id="find-chart"
          aria-label={words("nav.find")}
          placeholder={words("nav.find")}
          autocomplete="off"
          // The list has just been opened by who wants to find something in it.
          ref={focusOnce}
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") list.current?.querySelector("a")?.click();
            if (event.key === "ArrowDown") {
              event.preventDefault();
              list.current?.querySelector("a")?.focus();
            }
          }}
        />
        {markets.length > 1 && (
          <label class="select">
            <span>{words("nav.market")}</span>
            <select value={market} onChange={(event) => setMarket(event.currentTarget.value)}>
              <option value="">{words("nav.everyMarket")}</option>
              {markets.map((one) => (
                <option key={one} value={one}>
                  {countryName(one)}
                </option>
              ))}
            </select>
          </label>
        )}
        <p role="status">{words("nav.found", { count: found.length })}</p>
      </div>
      <ul ref={list} onKeyDown={moveAmongLinks}>
        {found.map((one) => (
          <li key={one.genre}>
            <ChartLink one={one} after={close} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A link to a genre's chart, with its market. */
function ChartLink({ one, after }: { one: Genre; after: () => void }) {
  const { place } = view.value;
  const change =
    place === "chart" ? { genre: one.genre, date: null, track: null } : elsewhere("chart", { genre: one.genre });
  return (
    <a
      href={address(change)}
      aria-current={place === "chart" && one.genre === genre.value ? "page" : undefined}
      onClick={(event) => {
        if (!isPlain(event)) return;
        event.preventDefault();
        after();
        show(change);
      }}
    >
      {one.name}
      {one.market !== null && <span class="market">{countryName(one.market)}</span>}
    </a>
  );
}

function focusOnce(input: HTMLInputElement | null): void {
  input?.focus();
}

/** Arrow keys go from link to link, and from the first one back to the field. */
function moveAmongLinks(event: preact.TargetedKeyboardEvent<HTMLUListElement>): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const links = [...event.currentTarget.querySelectorAll("a")];
  const at = links.findIndex((one) => one === document.activeElement) + step;
  if (at < 0) document.getElementById("find-chart")?.focus();
  else links[at]?.focus();
}
