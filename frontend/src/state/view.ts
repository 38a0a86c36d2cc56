// The visitor's view, as the page's address holds it. Pure: the browser's history is in navigation.ts.

export type Order = "asc" | "desc";
export type Counts = "total" | "gain";

/** Which page it is: today over all genres, a genre's chart, a track, an artist, how much a genre's editors agree, a search over everything, or the visitor's songs. */
export type Place = "today" | "chart" | "track" | "artist" | "agreement" | "search" | "songs";

/** `sort` is the name of a column; chart/columns.ts knows which there are. `genre` null: the first one. `date` null: the current chart. `track`: the id of the track whose panel is open. `id`: the track or artist whose page it is. `q`: the words in the rows of the chart, or those of the search. */
export interface View {
  place: Place;
  genre: string | null;
  date: string | null;
  id: string | null;
  sort: string;
  order: Order;
  q: string;
  track: string | null;
  counts: Counts;
}

const ASCENDING = /^(rank|title|artist|peak)$|-position$/;
const NAME = /^[a-z0-9][\w.-]{0,60}$/;
const LONGEST_QUERY = 200;

/** What an address without a path of its own says of a chart, as all addresses did once. */
const OF_A_CHART = ["genre", "date", "sort", "order", "q", "track", "counts"];

/** The parameter that holds the path where the host has only one page. */
const PATH = "at";

export const DEFAULT_VIEW: View = {
  place: "chart",
  genre: null,
  date: null,
  id: null,
  sort: "rank",
  order: "asc",
  q: "",
  track: null,
  counts: "total",
};

export const TODAY: View = { ...DEFAULT_VIEW, place: "today" };

/** The direction in which a column sorts first: the rows that visitors look for come to the top. */
export function firstOrder(sort: string): Order {
  return ASCENDING.test(sort) ? "asc" : "desc";
}

/** The view that a path and its query describe. Unknown values are ignored. */
export function parseView(path: string, search: string): View {
  const asked = new URLSearchParams(search);
  const place = placeOf(asked.get(PATH) ?? path, asked);
  const q = (asked.get("q") ?? "").slice(0, LONGEST_QUERY);
  if (place.place === "search") return { ...DEFAULT_VIEW, ...place, q };
  if (place.place !== "chart") return { ...DEFAULT_VIEW, ...place };
  const named = asked.get("sort") ?? "";
  const sort = NAME.test(named) ? named : "rank";
  const order = asked.get("order");
  return {
    ...DEFAULT_VIEW,
    ...place,
    sort,
    order: order === "asc" || order === "desc" ? order : firstOrder(sort),
    q,
    track: asked.get("track") || null,
    counts: asked.get("counts") === "gain" ? "gain" : "total",
  };
}

function placeOf(path: string, asked: URLSearchParams): Partial<View> & Pick<View, "place"> {
  const [name = "", one = "", other = ""] = path.split("/").filter(Boolean).map(decoded);
  switch (name) {
    case "charts":
      return { place: "chart", genre: one || null, date: dayOf(other) };
    case "track":
    case "artist":
      return one === "" ? { place: "today" } : { place: name, id: one };
    case "agreement":
      return { place: "agreement", genre: one || null };
    case "search":
      return { place: "search" };
    case "my-songs":
      return { place: "songs" };
    default:
      return OF_A_CHART.some((said) => asked.get(said))
        ? { place: "chart", genre: asked.get("genre") || null, date: dayOf(asked.get("date") ?? "") }
        : { place: "today" };
  }
}

/** The path of a view: its page. */
export function viewPath({ place, genre, date, id }: View): string {
  const parts = {
    today: [],
    chart: ["charts", genre, genre === null ? null : date],
    track: ["track", id],
    artist: ["artist", id],
    agreement: ["agreement", genre],
    search: ["search"],
    songs: ["my-songs"],
  }[place];
  return `/${parts.flatMap((one) => (one === null ? [] : [encoded(one)])).join("/")}`;
}

/** The query of a view, without its defaults. */
export function viewQuery(view: View): string {
  const said = new URLSearchParams();
  // Only below its genre has a day a path of its own.
  if (view.place === "chart" && view.genre === null && view.date !== null) said.set("date", view.date);
  if (view.sort !== "rank" || view.order !== "asc") said.set("sort", view.sort);
  if (view.order !== firstOrder(view.sort)) said.set("order", view.order);
  if (view.q !== "") said.set("q", view.q);
  if (view.counts !== "total") said.set("counts", view.counts);
  if (view.track !== null) said.set("track", view.track);
  return said.toString();
}

/** The address of a view; the inverse of `parseView`. Where the host has only one page, the path is in the query. */
export function viewAddress(view: View, hasPaths: boolean): string {
  const [path, query] = [viewPath(view), viewQuery(view)];
  if (hasPaths) return query === "" ? path : `${path}?${query}`;
  const at = path === "/" ? "" : `${PATH}=${path.replaceAll("%", "%25")}`;
  return `?${[at, query].filter(Boolean).join("&")}`;
}

/** The sorting after a click on a column's head: that column, or its other direction. */
export function sortedBy(view: View, sort: string): Pick<View, "sort" | "order"> {
  if (view.sort !== sort) return { sort, order: firstOrder(sort) };
  return { sort, order: view.order === "asc" ? "desc" : "asc" };
}

function dayOf(text: string): string | null {
  return isDay(text) ? text : null;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** A part of a path; the colon of a provisional id stays as it is. */
function encoded(part: string): string {
  return encodeURIComponent(part).replaceAll("%3A", ":");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
