// The types of the API's answers, under their names in its OpenAPI document. `scripts/frontend schema` generates schema.d.ts from it.

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

/** The services that count plays and views. */
export const SOURCES = ["Youtube", "Spotify", "SoundCloud"] as const;
export type Source = (typeof SOURCES)[number];

export const NAMES: Record<Service | Source, string> = {
  Spotify: "Spotify",
  AppleMusic: "Apple Music",
  SoundCloud: "SoundCloud",
  Youtube: "YouTube",
};
