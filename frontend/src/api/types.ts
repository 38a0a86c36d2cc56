// The types of the API's answers, under their names in its OpenAPI document. `scripts/frontend schema` generates schema.d.ts from it.

import type { GENRE_FIELDS, SERVICE_FIELDS } from "./paths";
import type { components } from "./schema";

type Schemas = components["schemas"];

/** The fields of a row can be chosen; the page always asks for all of them. */
type WithRows<Whole extends { tracks: unknown }, One> = Omit<Whole, "tracks"> & { tracks: Required<One>[] };

/** What the page asks for of each genre: with a thousand of them, all fields would be megabytes. */
export type Genre = Pick<Required<Schemas["GenreState"]>, (typeof GENRE_FIELDS)[number]>;
/** A service whose lists are read, or a source of counts, or both; without what it lists in each genre. */
export type Service = Pick<Required<Schemas["ServiceState"]>, (typeof SERVICE_FIELDS)[number]>;
export type Chart = WithRows<Schemas["GenreChart"], Schemas["ChartRow"]>;
export type ChartTrack = Chart["tracks"][number];
export type ServiceList = WithRows<Schemas["ServiceList"], Schemas["ListRow"]>;
export type ListTrack = ServiceList["tracks"][number];
export type ChartedDate = Required<Schemas["ChartedDate"]>;
export type ChartCounts = WithRows<Schemas["ChartCounts"], Schemas["TrackCounts"]>;
export type TrackDetails = Schemas["TrackDetails"];
export type GenreStanding = Schemas["GenreStanding"];
export type TodayRow = Required<Schemas["TodayRow"]>;
export type TodayGenre = Schemas["TodayGenre"];
export type TodayAnswer = Record<"most_agreed" | "new" | "climbers" | "leavers" | "disputed", TodayRow[]> & {
  genres: TodayGenre[];
};
export type FollowedTrack = Required<Schemas["FollowedTrack"]>;
export type FoundTrack = Required<Schemas["FoundTrack"]>;
export type SearchResults = WithRows<Schemas["SearchResults"], Schemas["FoundTrack"]>;
export type ArtistRecording = Required<Schemas["ArtistRecording"]>;
export type ArtistDetails = Omit<Schemas["ArtistDetails"], "recordings"> & { recordings: ArtistRecording[] };
export type FirstListed = Required<Schemas["FirstListed"]>;
export type Agreement = Omit<Schemas["Agreement"], "recordings"> & { recordings: FirstListed[] };
export type Problem = Schemas["Problem"];
