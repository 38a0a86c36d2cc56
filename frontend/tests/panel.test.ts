import { describe, expect, test } from "vitest";

import { plotted } from "../src/panel/plotted";
import { series, VIDEOS } from "./examples";

describe("the chart of counts", () => {
  const counted = series([
    ["2026-01-01", 0],
    ["2026-01-02", 10],
    ["2026-01-04", 40],
    ["2026-01-05", 45],
  ]);

  test("has an entry for every day, and gaps for unknown ones", () => {
    const { days, lines } = plotted(counted, [VIDEOS], "total", "linear");
    expect(days).toEqual(["01", "02", "03", "04", "05"].map((day) => Date.parse(`2026-01-${day}`) / 1000));
    expect(lines).toEqual([{ source: VIDEOS, values: [0, 10, null, 40, 45] }]);
  });

  test("of gains invents none across a gap", () => {
    expect(plotted(counted, [VIDEOS], "gain", "linear").lines[0]?.values).toEqual([null, 10, null, null, 5]);
  });

  test("leaves out values that a logarithm cannot show", () => {
    expect(plotted(counted, [VIDEOS], "total", "log").lines[0]?.values).toEqual([null, 10, null, 40, 45]);
  });

  test("is empty for a track that was never counted", () => {
    expect(plotted(series([]), [VIDEOS], "total", "linear")).toEqual({ days: [], lines: [] });
  });
});
