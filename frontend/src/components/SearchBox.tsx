// The search over everything at the top of each page: a field, and below it what is found while it is typed. On narrow screens it is a
// link to the page of the search. Without scripts the field's form leads there too; the server writes the same form into each page.

import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";

import type { Finding, Kind } from "../chart/finding";
import { regionText } from "../chart/formatting";
import { address, elsewhere, follow, show } from "../state/navigation";
import { useFound } from "../state/finding";
import { nameOfGenre } from "../state/pages";
import { words, type TextKey } from "../texts";
import { Cover } from "./Cover";
import { useOutside } from "./outside";

/** The names of the kinds of what is found. */
export const KINDS: Record<Kind, TextKey> = { genre: "search.genre", artist: "search.artist", track: "search.track" };

/** Of each kind in the list below the field. */
const MOST = 4;

export function SearchBox() {
  const text = useSignal("");
  const open = useSignal(false);
  const at = useSignal(-1);
  const place = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const found = useFound(open.value ? text.value : "", MOST);
  const whole = elsewhere("search", { q: text.value.trim() });
  const items = found.groups.flatMap((group) => group.items);
  const isOpen = open.value && text.value.trim() !== "";
  const close = () => {
    open.value = false;
    at.value = -1;
  };
  useOutside(place, isOpen, close);
  const go = (change: Finding["change"] | null) => {
    close();
    text.value = "";
    field.current?.blur();
    show(change === null ? whole : elsewhere(change.place, change));
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      if (text.value === "") field.current?.blur();
      text.value = "";
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      open.value = true;
      // The field itself, the findings, and the way to all of them.
      const places = items.length + 2;
      at.value = ((at.value + 1 + (event.key === "ArrowDown" ? 1 : places - 1)) % places) - 1;
    } else return;
    event.preventDefault();
  };
  let index = -1;
  return (
    <>
      <a class="button find-link" href={address(whole)} onClick={(event) => follow(event, whole)}>
        <span aria-hidden="true">⌕</span> <span class="hidden">{words("search.link")}</span>
      </a>
      <form
        class="find"
        role="search"
        ref={place}
        action={address(elsewhere("search"))}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.value.trim() !== "") go(items[at.value]?.change ?? null);
        }}
        onFocusOut={(event) => {
          if (!(event.relatedTarget instanceof Node && place.current?.contains(event.relatedTarget))) close();
        }}
      >
        <input
          id="find"
          class="find-field"
          ref={field}
          type="text"
          name="q"
          role="combobox"
          enterkeyhint="search"
          placeholder={words("search.field")}
          aria-label={words("search.field")}
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-activedescendant={isOpen && at.value >= 0 ? `${id}-${at.value}` : undefined}
          autocomplete="off"
          spellcheck={false}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            open.value = true;
            at.value = -1;
          }}
          onFocus={() => (open.value = true)}
          onKeyDown={pressed}
        />
        <div class="find-list" id={`${id}-list`} role="listbox" aria-label={words("search.results")} hidden={!isOpen}>
          {isOpen && (
            <>
              {found.groups.map(({ kind, items: of }) => (
                <div key={kind} role="group" aria-labelledby={`${id}-${kind}`}>
                  <div class="find-kind" role="presentation" id={`${id}-${kind}`}>
                    {words(KINDS[kind])}
                  </div>
                  {of.map((one) => {
                    index += 1;
                    const change = elsewhere(one.change.place, one.change);
                    return (
                      <a
                        key={one.id}
                        id={`${id}-${index}`}
                        class="find-item"
                        role="option"
                        tabIndex={-1}
                        aria-selected={index === at.value}
                        href={address(change)}
                        onClick={(event) => {
                          follow(event, change);
                          if (event.defaultPrevented) go(one.change);
                        }}
                      >
                        {kind === "track" && <Cover address={one.cover} title={one.title} size={36} />}
                        <span class="find-name" dir="auto">
                          {one.title}
                        </span>
                        <span class="find-by" dir="auto">
                          {saidOf(one)}
                        </span>
                      </a>
                    );
                  })}
                </div>
              ))}
              {found.groups.length === 0 && (
                <div class="find-none" role="presentation">
                  {found.known.trouble !== null
                    ? words("search.trouble")
                    : found.isCurrent
                      ? words("search.nothing", { text: text.value.trim() })
                      : words("search.searching")}
                </div>
              )}
              <a
                id={`${id}-${items.length}`}
                class="find-item find-all"
                role="option"
                tabIndex={-1}
                aria-selected={at.value === items.length}
                href={address(whole)}
                onClick={(event) => {
                  event.preventDefault();
                  go(null);
                }}
              >
                {words("search.all", { text: text.value.trim() })}
              </a>
            </>
          )}
        </div>
      </form>
    </>
  );
}

/** What stands beside the name of something that was found. */
export function saidOf({ kind, by, genres }: Finding): string {
  if (kind !== "track") return by === "" ? "" : regionText(by);
  return [by, genres.map(nameOfGenre).join(", ")].filter(Boolean).join(" · ");
}
