// What the API's answers are, by their names in its OpenAPI document. schema.d.ts is generated from it: `scripts/frontend schema`.

import type { components } from "./schema";

type Schemas = components["schemas"];

export type GenreSummary = Schemas["GenreSummary"];
export type Chart = Schemas["PlaylistData"];
export type ChartTrack = Schemas["PlaylistRow"];
export type Header = Schemas["Header"];
export type ServicePlaylist = Schemas["ServicePlaylist"];
export type ServiceTrack = Schemas["Track"];
export type Graph = Schemas["Point"];

/** The services with playlists, in the order in which the page names them. */
export const SERVICES = ["Spotify", "AppleMusic", "SoundCloud"] as const;
export type Service = (typeof SERVICES)[number];

/** Where plays and views are counted. */
export const SOURCES = ["Youtube", "Spotify", "SoundCloud"] as const;
export type Source = (typeof SOURCES)[number];

export const NAMES: Record<Service | Source, string> = {
  Spotify: "Spotify",
  AppleMusic: "Apple Music",
  SoundCloud: "SoundCloud",
  Youtube: "YouTube",
};
