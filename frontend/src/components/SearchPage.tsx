// The page of a search over everything: what is found, kind by kind, as it is typed.

import { useEffect, useRef } from "preact/hooks";

import type { Finding } from "../chart/finding";
import { address, elsewhere, follow, show, view } from "../state/navigation";
import { useFound } from "../state/finding";
import { genres } from "../state/store";
import { words } from "../texts";
import { Cover } from "./Cover";
import { KINDS, saidOf } from "./SearchBox";
import { Skeleton } from "./Skeleton";
import { connection, StatusLine, world } from "./StatusLine";

/** More than the API finds of each kind. */
const MOST = 50;

export function SearchPage() {
  const { q } = view.value;
  const field = useRef<HTMLInputElement>(null);
  const { groups, known, isCurrent } = useFound(q, MOST);
  const count = groups.reduce((sum, { items }) => sum + items.length, 0);
  useEffect(() => {
    // After the page has begun at its top, as each one does.
    setTimeout(() => field.current?.focus());
  }, []);
  return (
    <>
      <div class="title">
        <h1>{words("search.link")}</h1>
      </div>
      <form role="search" class="find-form" onSubmit={(event) => event.preventDefault()} onKeyDown={stepped}>
        <input
          id="find"
          class="find-field"
          ref={field}
          type="search"
          name="q"
          aria-label={words("search.field")}
          placeholder={words("search.field")}
          autocomplete="off"
          spellcheck={false}
          value={q}
          onInput={(event) => show({ q: event.currentTarget.value }, { replace: true })}
        />
      </form>
      <StatusLine
        notes={[connection([known, genres.value], known.data !== null || q.trim() === "", "page"), world()]}
      />
      <p class="quiet" role="status" id="found">
        {q.trim() === ""
          ? words("search.how")
          : !isCurrent
            ? ""
            : count > 0
              ? words("search.found", { count })
              : known.trouble === null && words("search.nothing", { text: q.trim() })}
      </p>
      {count === 0 && known.loading && <Skeleton />}
      <div id="results" onKeyDown={stepped}>
        {groups.map(({ kind, items }) => (
          <section key={kind} aria-labelledby={`found-${kind}`} class="today-part">
            <h2 id={`found-${kind}`}>{words(KINDS[kind])}</h2>
            <ul class={kind === "track" ? "items" : "found-names"}>
              {items.map((one) => (
                <li key={one.id}>
                  {kind === "track" && <Cover address={one.cover} title={one.title} size={64} />}
                  <Named finding={one} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </>
  );
}

function Named({ finding }: { finding: Finding }) {
  const change = elsewhere(finding.change.place, finding.change);
  return (
    <div class="named">
      <a class="song" dir="auto" href={address(change)} onClick={(event) => follow(event, change)}>
        {finding.title}
      </a>
      <span class="artist" dir="auto">
        {saidOf(finding)}
      </span>
    </div>
  );
}

/** The arrows lead from the field through what was found, and back; Enter in the field goes to the first. */
function stepped(event: KeyboardEvent): void {
  const places = [document.getElementById("find"), ...document.querySelectorAll<HTMLElement>("#results .song")];
  const now = places.findIndex((one) => one === document.activeElement);
  if (event.key === "Enter" && now === 0) places[1]?.click();
  else if (event.key === "ArrowDown") places[now + 1]?.focus();
  else if (event.key === "ArrowUp" && now > 0) places[now - 1]?.focus();
  else return;
  event.preventDefault();
}
