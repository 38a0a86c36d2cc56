import { describe, expect, test } from "vitest";

import type { Row } from "../src/chart/rows";
import { columnsOf, sortedColumn } from "../src/chart/columns";
import { sorted } from "../src/chart/sorting";
import { counts, row, SERVICES } from "./examples";

const by = (sort: string) => sortedColumn(columnsOf(SERVICES), sort);
const ranks = (rows: readonly Row[]) => rows.map((one) => one.rank);

describe("sorting", () => {
  test("by a count puts the most first, and unknown counts last in both directions", () => {
    const rows = [1, 2, 3].map((rank) => row(rank, { totals: counts({ Videos: [50, null, 900][rank - 1] ?? null }) }));
    expect(ranks(sorted(rows, by("videos"), "desc", "total"))).toEqual([3, 1, 2]);
    expect(ranks(sorted(rows, by("videos"), "asc", "total"))).toEqual([1, 3, 2]);
  });

  test("by a count means the gain while gains are shown", () => {
    const rows = [
      row(1, { totals: counts({ Listed: 900 }), gains: counts({ Listed: 1 }) }),
      row(2, { totals: counts({ Listed: 100 }), gains: counts({ Listed: 50 }) }),
    ];
    expect(ranks(sorted(rows, by("listed"), "desc", "total"))).toEqual([1, 2]);
    expect(ranks(sorted(rows, by("listed"), "desc", "gain"))).toEqual([2, 1]);
  });

  test("keeps the chart's order for equal rows in both directions", () => {
    const rows = [3, 1, 2].map((rank) => row(rank, { weeks: 4 }));
    expect(ranks(sorted(rows, by("weeks"), "desc", "total"))).toEqual([1, 2, 3]);
    expect(ranks(sorted(rows, by("weeks"), "asc", "total"))).toEqual([1, 2, 3]);
  });

  test("by title handles accents, case and numbers", () => {
    const titles = ["zebra", "Éclair", "eclipse", "Song 10", "Song 9", "ähnlich"];
    const rows = titles.map((title, index) => row(index + 1, { title }));
    expect(sorted(rows, by("title"), "asc", "total").map((one) => one.title)).toEqual([
      "ähnlich",
      "Éclair",
      "eclipse",
      "Song 9",
      "Song 10",
      "zebra",
    ]);
  });

  test("by movement puts entries above climbs, and falls at the end", () => {
    const rows = [
      row(1, { status: "down", movement: -3 }),
      row(2, { status: "up", movement: 28 }),
      row(3, { status: "re", movement: null }),
      row(4, { status: "new", movement: null }),
      row(5, { status: null, movement: null }),
    ];
    expect(ranks(sorted(rows, by("movement"), "desc", "total"))).toEqual([4, 3, 2, 1, 5]);
  });

  test("by a service's position puts those that it does not list last", () => {
    const rows = [row(1), row(2, { positions: { QuietList: 7 } }), row(3, { positions: { QuietList: 2 } })];
    expect(ranks(sorted(rows, by("quietlist-position"), "asc", "total"))).toEqual([3, 2, 1]);
  });

  test("does not change the given list", () => {
    const rows = [row(2), row(1)];
    sorted(rows, by("rank"), "asc", "total");
    expect(ranks(rows)).toEqual([2, 1]);
  });
});
