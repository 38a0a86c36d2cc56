// The visitor's view, as the page's address holds it. Pure: the browser's history is in navigation.ts.

export type Order = "asc" | "desc";
export type Counts = "total" | "gain";

/** `sort` is the name of a column; chart/columns.ts knows which there are. `genre` null: the first one. `date` null: the current chart. `track`: the id of the track whose panel is open. */
export interface View {
  genre: string | null;
  date: string | null;
  sort: string;
  order: Order;
  q: string;
  track: string | null;
  counts: Counts;
}

const ASCENDING = /^(rank|title|artist|peak)$|-position$/;
const NAME = /^[a-z0-9][\w.-]{0,60}$/;
const LONGEST_QUERY = 200;

export const DEFAULT_VIEW: View = {
  genre: null,
  date: null,
  sort: "rank",
  order: "asc",
  q: "",
  track: null,
  counts: "total",
};

/** The direction in which a column sorts first: the rows that visitors look for come to the top. */
export function firstOrder(sort: string): Order {
  return ASCENDING.test(sort) ? "asc" : "desc";
}

/** The view that an address describes. Unknown values are ignored. */
export function parseView(search: string): View {
  const asked = new URLSearchParams(search);
  const named = asked.get("sort") ?? "";
  const sort = NAME.test(named) ? named : "rank";
  const order = asked.get("order");
  const date = asked.get("date");
  return {
    genre: asked.get("genre") || null,
    date: date !== null && isDay(date) ? date : null,
    sort,
    order: order === "asc" || order === "desc" ? order : firstOrder(sort),
    q: (asked.get("q") ?? "").slice(0, LONGEST_QUERY),
    track: asked.get("track") || null,
    counts: asked.get("counts") === "gain" ? "gain" : "total",
  };
}

/** The address of a view, without its defaults; the inverse of `parseView`. */
export function viewSearch(view: View): string {
  const said = new URLSearchParams();
  if (view.genre !== null) said.set("genre", view.genre);
  if (view.date !== null) said.set("date", view.date);
  if (view.sort !== "rank" || view.order !== "asc") said.set("sort", view.sort);
  if (view.order !== firstOrder(view.sort)) said.set("order", view.order);
  if (view.q !== "") said.set("q", view.q);
  if (view.counts !== "total") said.set("counts", view.counts);
  if (view.track !== null) said.set("track", view.track);
  const text = said.toString();
  return text === "" ? "?" : `?${text}`;
}

/** The sorting after a click on a column's head: that column, or its other direction. */
export function sortedBy(view: View, sort: string): Pick<View, "sort" | "order"> {
  if (view.sort !== sort) return { sort, order: firstOrder(sort) };
  return { sort, order: view.order === "asc" ? "desc" : "asc" };
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
