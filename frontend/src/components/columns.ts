// The chart's columns and how each sorts. `label` is the text in the head, `name` the full name.

import type { Service } from "../api/types";
import type { Sort } from "../state/view";

export interface Column {
  sort: Sort;
  label: string;
  name: string;
  service?: Service | "Youtube";
}

export const COLUMNS: readonly Column[] = [
  { sort: "rank", label: "#", name: "Rank" },
  { sort: "movement", label: "Move", name: "Movement" },
  { sort: "title", label: "Title", name: "Title" },
  { sort: "artist", label: "Artist", name: "Artist" },
  { sort: "peak", label: "Peak", name: "Peak" },
  { sort: "weeks", label: "Weeks", name: "Weeks on the chart" },
  { sort: "spotify-position", label: "Spotify", name: "Position on Spotify", service: "Spotify" },
  { sort: "apple-position", label: "Apple", name: "Position on Apple Music", service: "AppleMusic" },
  { sort: "soundcloud-position", label: "SoundCloud", name: "Position on SoundCloud", service: "SoundCloud" },
  { sort: "youtube", label: "Views", name: "YouTube views", service: "Youtube" },
  { sort: "spotify", label: "Plays", name: "Spotify plays", service: "Spotify" },
  { sort: "trend", label: "Trend", name: "Growth in 7 days" },
];
