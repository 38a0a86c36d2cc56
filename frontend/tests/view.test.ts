import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { DEFAULT_VIEW, firstOrder, parseView, sortedBy, TODAY, viewAddress, type View } from "../src/state/view";

const SORTS = ["rank", "movement", "title", "peak", "weeks", "videos", "quietlist-position", "trend"];

const WHOLE: View = {
  place: "chart",
  genre: "rap",
  date: "2026-01-31",
  id: null,
  sort: "videos",
  order: "asc",
  q: "ö & b=c #1",
  track: "QuietList:1887652235",
  counts: "gain",
};

/** What the page reads when it is opened under an address that it wrote. */
function read(address: string, hasPaths: boolean): View {
  const { pathname, search } = new URL(address, "https://t.example/here/");
  return parseView(hasPaths ? pathname : "/", search);
}

describe.each([true, false])("the address, where each page has a path: %s", (hasPaths) => {
  test.each<View>([
    WHOLE,
    TODAY,
    { ...DEFAULT_VIEW, genre: "r&b" },
    { ...TODAY, place: "track", id: "QuietList:18/87 ä%" },
    { ...TODAY, place: "artist", id: "ona-vale" },
    { ...TODAY, place: "agreement", genre: "pop" },
  ])("is read as it was written: $place $id", (view) => {
    expect(read(viewAddress(view, hasPaths), hasPaths)).toEqual(view);
  });

  test.each(SORTS.flatMap((sort) => [[sort, "asc"] as const, [sort, "desc"] as const]))(
    "is read as it was written when sorted by %s, %s",
    (sort, order) => {
      const view = { ...DEFAULT_VIEW, genre: "pop", sort, order };
      expect(read(viewAddress(view, hasPaths), hasPaths)).toEqual(view);
    },
  );
});

describe("the address", () => {
  test("leaves out defaults", () => {
    expect([viewAddress(TODAY, true), viewAddress(TODAY, false)]).toEqual(["/", "?"]);
    const sorted: View = { ...DEFAULT_VIEW, genre: "pop", sort: "videos", order: "desc" };
    expect(viewAddress(sorted, true)).toBe("/charts/pop?sort=videos");
    expect(viewAddress(sorted, false)).toBe("?at=/charts/pop&sort=videos");
    expect(viewAddress({ ...DEFAULT_VIEW, genre: "pop", date: "2026-01-31" }, true)).toBe("/charts/pop/2026-01-31");
  });

  test("of a chart as it once was is still read", () => {
    const search = "?genre=rap&date=2026-01-31&sort=videos&order=asc&q=x&counts=gain&track=QuietList%3A1";
    expect(parseView("/", search)).toEqual({ ...WHOLE, q: "x", track: "QuietList:1" });
    expect(parseView("/", "?sort=peak")).toEqual({ ...DEFAULT_VIEW, sort: "peak" });
  });

  test.each(["?sort=<b>", "?order=sideways", "?date=2026-02-30", "?date=yesterday", "?counts=", "?%%%"])(
    "that means nothing of a chart is its usual view: %s",
    (search) => expect(parseView("/charts", search)).toEqual(DEFAULT_VIEW),
  );

  test.each(["/", "/nothing", "/track/", "/%%%"])("that is of no page is that of today: %s", (path) =>
    expect(parseView(path, "?genre=&track=")).toEqual(TODAY),
  );

  test("holds a search of no more than a reasonable length", () => {
    expect(parseView("/charts/pop", `?q=${"x".repeat(5_000)}`).q).toHaveLength(200);
  });
});

describe("a click on a column's head", () => {
  test("sorts by it, with the largest counts and the smallest ranks first", () => {
    expect(sortedBy(DEFAULT_VIEW, "videos")).toEqual({ sort: "videos", order: "desc" });
    expect(sortedBy({ ...DEFAULT_VIEW, sort: "title" }, "rank")).toEqual({ sort: "rank", order: "asc" });
  });

  test.each(SORTS)("turns the order round when it is sorted by %s already", (sort) => {
    const first = firstOrder(sort);
    const turned = sortedBy({ ...DEFAULT_VIEW, sort, order: first }, sort);
    expect(turned.order).not.toBe(first);
    expect(sortedBy({ ...DEFAULT_VIEW, ...turned }, sort).order).toBe(first);
  });
});

test("the service worker knows the paths of all pages", () => {
  const worker = readFileSync(new URL("../src/worker/worker.js", import.meta.url), "utf8");
  const pages = new RegExp(/const PAGES = \/(.*)\/;/.exec(worker)?.[1] ?? "$^");
  const places: View["place"][] = ["today", "chart", "track", "artist", "agreement"];
  for (const place of places) expect(viewAddress({ ...TODAY, place, genre: "pop", id: "x" }, true)).toMatch(pages);
  for (const path of ["/docs", "/v1/charts", "/share/pop.png", "/tracker"]) expect(path).not.toMatch(pages);
});
