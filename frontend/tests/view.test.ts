import { describe, expect, test } from "vitest";

import { DEFAULT_VIEW, firstOrder, parseView, sortedBy, viewSearch, type View } from "../src/state/view";

const SORTS = ["rank", "movement", "title", "peak", "weeks", "videos", "quietlist-position", "trend"];

describe("the address", () => {
  test("holds the whole view", () => {
    const view: View = {
      genre: "rap",
      date: "2026-01-31",
      sort: "videos",
      order: "asc",
      q: "ö & b=c #1",
      track: "QuietList:1887652235",
      counts: "gain",
    };
    expect(parseView(viewSearch(view))).toEqual(view);
  });

  test("leaves out defaults", () => {
    expect(viewSearch(DEFAULT_VIEW)).toBe("?");
    expect(viewSearch({ ...DEFAULT_VIEW, genre: "pop", sort: "videos", order: "desc" })).toBe("?genre=pop&sort=videos");
  });

  test.each(SORTS.flatMap((sort) => [[sort, "asc"] as const, [sort, "desc"] as const]))(
    "is read as it was written when sorted by %s, %s",
    (sort, order) => {
      const view = { ...DEFAULT_VIEW, sort, order };
      expect(parseView(viewSearch(view))).toEqual(view);
    },
  );

  test.each([
    "?sort=<b>",
    "?order=sideways",
    "?date=2026-02-30",
    "?date=yesterday",
    "?counts=",
    "?genre=&track=",
    "?%%%",
  ])("that means nothing is the usual view: %s", (search) => expect(parseView(search)).toEqual(DEFAULT_VIEW));

  test("holds a search of no more than a reasonable length", () => {
    expect(parseView(`?q=${"x".repeat(5_000)}`).q).toHaveLength(200);
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
