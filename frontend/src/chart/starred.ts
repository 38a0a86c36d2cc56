// The songs that a visitor has starred: as the browser keeps them, as a file, and with where they stand now. Pure.

import type { FollowedTrack, Service } from "../api/types";
import { words } from "../texts";
import { dayText } from "./formatting";
import { webAddress } from "./links";
import type { Playable } from "./players";
import { linksOf, UNNAMED } from "./rows";

/** A starred song, by what it was called then; `since` is the day, written as 2026-01-31. */
export interface Star {
  id: string;
  title: string;
  artist: string;
  since: string;
}

/** A starred song as the page shows it. */
export interface StarredSong extends Playable {
  said: string;
}

/** The name of the file's format, by which it is known when it is read again. */
const FORMAT = "tunemeld-stars-1";
/** More than anybody stars, and little enough for what a browser keeps. */
export const MOST_STARS = 2_000;
const LONGEST = 300;

/** The stars as a text, for the browser and for a file. */
export function starsText(stars: readonly Star[]): string {
  return JSON.stringify({ format: FORMAT, songs: stars }, null, 1);
}

/** The stars in a text; null if it is no such text. What is no star in it is left out. */
export function starsIn(text: string | null): Star[] | null {
  if (text === null) return null;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof read !== "object" || read === null || !("format" in read) || read.format !== FORMAT) return null;
  const songs: unknown = "songs" in read ? read.songs : null;
  return Array.isArray(songs) ? merged([], songs.flatMap(starIn)) : null;
}

function starIn(value: unknown): Star[] {
  if (typeof value !== "object" || value === null) return [];
  const field = (name: string) => {
    const found: unknown = (value as Record<string, unknown>)[name];
    return typeof found === "string" ? found.slice(0, LONGEST) : "";
  };
  const id = field("id");
  return id === "" || id.includes(",")
    ? []
    : [{ id, title: field("title"), artist: field("artist"), since: field("since").slice(0, 10) }];
}

/** Two lists of stars as one, without doubles. */
export function merged(stars: readonly Star[], more: readonly Star[]): Star[] {
  return [...new Map([...more, ...stars].map((one) => [one.id, one])).values()].slice(0, MOST_STARS);
}

/** The starred songs with where they stand now, the highest first, then those that left, and last those of which nothing is known. */
export function starredSongs(
  stars: readonly Star[],
  followed: readonly FollowedTrack[],
  services: readonly Service[],
  nameOf: (genre: string) => string,
): StarredSong[] {
  const known = new Map(followed.map((one) => [one.asked, one]));
  const shown = stars.map((star) => ({ star, now: known.get(star.id) }));
  const order = ({ now }: (typeof shown)[number]) =>
    now === undefined ? Number.POSITIVE_INFINITY : (now.genres[0]?.rank ?? Number.MAX_SAFE_INTEGER);
  return shown
    .sort((one, other) => order(one) - order(other) || lastSeen(other.now).localeCompare(lastSeen(one.now)))
    .map(({ star, now }) => ({
      id: star.id,
      title: now?.title.trim() || star.title || UNNAMED,
      artist: now?.artists.map((one) => one.name).join(", ") || star.artist,
      cover: webAddress(now?.cover_url),
      links: now === undefined ? {} : linksOf(now.addresses, now.video_url, services),
      rank: now?.genres[0]?.rank ?? null,
      said: now === undefined ? "" : standingText(now, nameOf),
    }));
}

function lastSeen(now: FollowedTrack | undefined): string {
  return now?.genres.map((one) => one.last_date).reduce((latest, one) => (one > latest ? one : latest), "") ?? "";
}

/** Where a song stands now in each genre; of one that is on no chart, how high it came and when it was last seen. */
function standingText(now: FollowedTrack, nameOf: (genre: string) => string): string {
  const here = now.genres.filter((one) => one.rank !== null);
  if (here.length > 0) {
    return here
      .map(({ rank, genre, best_rank: best }) => {
        const values = { rank: rank ?? 0, genre: nameOf(genre), best: best ?? 0 };
        return best === rank ? words("songs.atBest", values) : words("songs.now", values);
      })
      .join(" · ");
  }
  const [top] = [...now.genres].sort((one, other) => (one.best_rank ?? 9_999) - (other.best_rank ?? 9_999));
  const day = dayText(lastSeen(now), "short");
  return top === undefined || top.best_rank === null
    ? words("songs.never", { day })
    : words("songs.gone", { best: top.best_rank, genre: nameOf(top.genre), day });
}
