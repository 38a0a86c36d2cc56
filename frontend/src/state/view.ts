// What the visitor looks at, as it stands in the page's address. Pure: the browser's history is in navigation.ts.

export const SORTS = [
  "rank",
  "movement",
  "title",
  "artist",
  "peak",
  "weeks",
  "spotify-position",
  "apple-position",
  "soundcloud-position",
  "youtube",
  "spotify",
  "trend",
] as const;
export type Sort = (typeof SORTS)[number];
export type Order = "asc" | "desc";
export type Counts = "total" | "gain";

/** `genre` null: the first one there is. `date` null: the current chart. `track`: the id of the one whose panel is open. */
export interface View {
  genre: string | null;
  date: string | null;
  sort: Sort;
  order: Order;
  q: string;
  track: string | null;
  counts: Counts;
}

const DESCENDING: readonly Sort[] = ["movement", "weeks", "youtube", "spotify", "trend"];
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

/** The order in which a column is sorted first: what visitors look for comes to the top. */
export function firstOrder(sort: Sort): Order {
  return DESCENDING.includes(sort) ? "desc" : "asc";
}

/** The view that an address means. What it does not know is as if it were not there. */
export function parseView(search: string): View {
  const asked = new URLSearchParams(search);
  const sort = SORTS.find((one) => one === asked.get("sort")) ?? "rank";
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

/** The address of a view, without what goes without saying; the other way round than `parseView`. */
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

/** What a click on a column's head asks for: that column, or its other direction. */
export function sortedBy(view: View, sort: Sort): Pick<View, "sort" | "order"> {
  if (view.sort !== sort) return { sort, order: firstOrder(sort) };
  return { sort, order: view.order === "asc" ? "desc" : "asc" };
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
