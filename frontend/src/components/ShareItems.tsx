// What is in the Share menu, by what the page shows.

import { useSignal } from "@preact/signals";

import { API } from "../api/client";
import { linksOf } from "../chart/rows";
import { embedCode, FEEDS, feedAddress, fileAddress, FILES, rowsText } from "../chart/sharing";
import { webAddress } from "../chart/links";
import { classOf } from "../chart/services";
import { detailsOf, pageName } from "../state/pages";
import { view } from "../state/navigation";
import { day, genre, genreName, listOf, services, shownRows, shownServices } from "../state/store";
import { words } from "../texts";

/** Rows in a text that is pasted somewhere. */
const MOST_LINES = 100;

const NAMES = { atom: "Atom", json: "JSON Feed" } as const;

/** A place in a service, by its name. */
interface Elsewhere {
  service: string;
  name: string;
  link: string;
}

export function ShareItems() {
  const said = useSignal("");
  const uncopied = useSignal<string | null>(null);
  const at = location.href;
  const title = document.title;
  const { place } = view.value;
  const text = textOf(at);
  const open = elsewhereOf();
  const copy = async (what: string) => {
    try {
      await navigator.clipboard.writeText(what);
      [said.value, uncopied.value] = [words("share.copied"), null];
    } catch {
      // A page without encryption has no clipboard.
      [said.value, uncopied.value] = [words("share.uncopied"), what];
    }
  };
  return (
    <>
      <button type="button" class="menu-item" id="copy-link" onClick={() => void copy(at)}>
        {words("share.link")}
      </button>
      {"share" in navigator && (
        <button
          type="button"
          class="menu-item"
          onClick={() => void navigator.share({ title, url: at }).catch(() => undefined)}
        >
          {words("share.with")}
        </button>
      )}
      {text !== null && (
        <button type="button" class="menu-item" id="copy-text" onClick={() => void copy(text)}>
          {words("share.text")}
        </button>
      )}
      {place === "chart" && genre.value !== null && (
        <>
          <button
            type="button"
            class="menu-item"
            id="copy-embed"
            onClick={() =>
              void copy(
                embedCode(API || location.origin, genre.value ?? "", words("share.topTen", { genre: genreName.value })),
              )
            }
          >
            {words("share.embed")}
          </button>
          <p class="menu-kind">{words("share.files")}</p>
          <p class="menu-links">
            {FILES.map((ending) => (
              <a key={ending} class="button" href={fileAddress(API, genre.value ?? "", ending, day.value)} download>
                {ending.toUpperCase()}
              </a>
            ))}
          </p>
          <p class="menu-kind">{words("share.feeds")}</p>
          <p class="menu-links">
            {FEEDS.map((ending) => (
              <a key={ending} class="button" href={feedAddress(API, genre.value ?? "", ending)}>
                {NAMES[ending]}
              </a>
            ))}
          </p>
        </>
      )}
      {open.length > 0 && (
        <>
          <p class="menu-kind">{words(place === "chart" ? "share.lists" : "listen.openOn")}</p>
          <p class="menu-links">
            {open.map(({ service, name, link }) => (
              <a key={service} class="button" href={link} target="_blank" rel="noopener noreferrer">
                <i class={`dot ${classOf(service)}`} aria-hidden="true" /> {name} <span aria-hidden="true">↗</span>
              </a>
            ))}
          </p>
        </>
      )}
      <p class="quiet" role="status" id="copied">
        {said.value}
      </p>
      {uncopied.value !== null && (
        <textarea
          class="uncopied"
          aria-label={words("share.uncopied")}
          readOnly
          rows={3}
          ref={(field) => field?.select()}
          value={uncopied.value}
        />
      )}
    </>
  );
}

/** What the page shows as lines of text; null where there is nothing to list. */
function textOf(at: string): string | null {
  const { place, id } = view.value;
  if (place === "chart" && shownRows.value?.length) {
    return rowsText(pageName.value ?? "", shownRows.value.slice(0, MOST_LINES), at);
  }
  if (place === "track" && detailsOf(id ?? "").data !== null) return `${pageName.value ?? ""}\n${at}`;
  return null;
}

/** Where on the services is what the page shows: a track, or the lists of a chart. */
function elsewhereOf(): Elsewhere[] {
  const { place, id } = view.value;
  if (place === "chart") {
    return shownServices.value.listing.flatMap(({ service, name }) => {
      const link = webAddress(listOf(service).data?.url);
      return link === null ? [] : [{ service, name, link }];
    });
  }
  const details = place === "track" ? detailsOf(id ?? "").data : null;
  if (details === null) return [];
  const links = linksOf(details.addresses, details.video_url, services.value);
  return services.value.flatMap(({ service, name }) => {
    const link = links[service];
    return link === undefined ? [] : [{ service, name, link }];
  });
}
