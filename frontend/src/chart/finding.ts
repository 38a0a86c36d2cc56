// What a search over everything finds: genres by name here, artists and songs as the API found them. Pure.

import type { Genre, SearchResults } from "../api/types";
import type { View } from "../state/view";
import { webAddress } from "./links";
import { UNNAMED } from "./rows";
import { folded } from "./searching";

export type Kind = "genre" | "artist" | "track";

/** One thing that was found; `change` leads to its page. */
export interface Finding {
  kind: Kind;
  id: string;
  title: string;
  /** The artists of a song, or the country of an artist. */
  by: string;
  cover: string | null;
  /** The keys of the genres in which a song was. */
  genres: readonly string[];
  change: Pick<View, "place"> & Partial<View>;
}

export interface Group {
  kind: Kind;
  items: readonly Finding[];
}

/** In words of so many letters one may be wrong, as in the API's search. */
const FORGIVING = 4;

/** The path of a search; null where there is no letter or digit to search for. */
export function searchPath(text: string): string | null {
  const words = text.split(/\s+/).filter(Boolean).join(" ").toLowerCase();
  return /[\p{L}\p{N}]/u.test(words) ? `/v1/search?${new URLSearchParams({ q: words }).toString()}` : null;
}

/** What was found, at most so many of each kind; the kind whose first name has most of the words comes first. */
export function findings(text: string, genres: readonly Genre[], results: SearchResults | null, most: number): Group[] {
  const words = wordsOf(text);
  const groups: Group[] = [
    { kind: "genre", items: genres.map(genreFound).filter((one) => wordsIn(one, words) === words.length) },
    { kind: "artist", items: (results?.artists ?? []).map(artistFound) },
    { kind: "track", items: (results?.tracks ?? []).map(trackFound) },
  ];
  const had = ({ items: [first] }: Group) => (first === undefined ? 0 : wordsIn(first, words));
  return groups
    .map(({ kind, items }) => ({ kind, items: words.length === 0 ? [] : items.slice(0, most) }))
    .filter(({ items }) => items.length > 0)
    .sort((one, other) => had(other) - had(one));
}

function wordsOf(text: string): string[] {
  return folded(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** How many of the words are in a name, perhaps only begun, or with one letter wrong. */
function wordsIn({ title, by, id }: Finding, words: readonly string[]): number {
  const named = wordsOf(`${title} ${by} ${id}`);
  return words.filter((word) => named.some((one) => one.startsWith(word) || isNearly(word, one))).length;
}

function genreFound({ genre, name }: Genre): Finding {
  return {
    kind: "genre",
    id: genre,
    title: name,
    by: "",
    cover: null,
    genres: [],
    change: { place: "chart", genre },
  };
}

function artistFound({ slug, name, country }: SearchResults["artists"][number]): Finding {
  return {
    kind: "artist",
    id: slug,
    title: name,
    by: country ?? "",
    cover: null,
    genres: [],
    change: { place: "artist", id: slug },
  };
}

function trackFound(track: SearchResults["tracks"][number]): Finding {
  return {
    kind: "track",
    id: track.track_id,
    title: track.title.trim() || UNNAMED,
    by: track.artists.map((one) => one.name).join(", "),
    cover: webAddress(track.cover_url),
    genres: track.genres,
    change: { place: "track", id: track.track_id },
  };
}

/** Whether one letter was mistyped, left out, added, or exchanged with the next. */
export function isNearly(word: string, name: string): boolean {
  if (word.length < FORGIVING || Math.abs(word.length - name.length) > 1) return false;
  let at = 0;
  while (at < word.length && word[at] === name[at]) at += 1;
  const rest = (of: string, skipped: number) => of.slice(at + skipped);
  const isExchanged = word[at] === name[at + 1] && word[at + 1] === name[at];
  return (
    rest(word, 1) === rest(name, 1) ||
    rest(word, 1) === rest(name, 0) ||
    rest(word, 0) === rest(name, 1) ||
    (isExchanged && rest(word, 2) === rest(name, 2))
  );
}
