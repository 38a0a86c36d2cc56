import { describe, expect, test } from "vitest";

import { growth, growthOn } from "../src/chart/gains";
import { daily, dailyGains, dayNumber, histories, historyOf, lastDays } from "../src/chart/series";
import { linePath } from "../src/components/Sparkline";
import { counts } from "./examples";

const WITH_GAP = daily([
  ["2026-01-01T00:00:00+00:00", 100],
  ["2026-01-02T23:59:59+00:00", 130],
  ["2026-01-04T02:30:00+00:00", 190],
]);

describe("counts over time", () => {
  test("have one entry per day, and invent none for a day without a reading", () => {
    expect(WITH_GAP.totals).toEqual([100, 130, null, 190]);
    expect(WITH_GAP.first).toBe(dayNumber("2026-01-01"));
  });

  test("gain only if the day before is known", () => {
    expect(dailyGains(WITH_GAP).totals).toEqual([null, 30, null, null]);
  });

  test("of two readings on one day are the later one", () => {
    const twice = daily([
      ["2026-01-01T01:00:00+00:00", 1],
      ["2026-01-01T20:00:00+00:00", 5],
    ]);
    expect(twice.totals).toEqual([5]);
  });

  test("without readings are empty", () => {
    expect(daily([]).totals).toEqual([]);
    expect(lastDays(daily([]), dayNumber("2026-01-04"), 2)).toEqual([null, null]);
  });

  test("end where they are asked to end", () => {
    expect(lastDays(WITH_GAP, dayNumber("2026-01-05"), 4)).toEqual([130, null, 190, null]);
  });
});

describe("the counts of a chart", () => {
  const answer = {
    genre: "pop",
    date: "2026-01-05",
    first_date: "2026-01-01",
    tracks: [{ track_id: "XX1", counts: { Videos: [null, 10, null, 40, 45], Listed: [null, null, null, null, null] } }],
  };

  test("begin with the first that is known, and a source without any is not there", () => {
    expect(histories(answer).get("XX1")).toEqual({
      Videos: { first: dayNumber("2026-01-02"), totals: [10, null, 40, 45] },
    });
  });

  test("of a track alone are those of so many days up to the chart's", () => {
    const at = (day: string, count: number) => ({ counted_at: `${day}T02:30:00Z`, count });
    const counts = { Videos: [at("2025-01-01", 1), at("2026-01-04", 40), at("2026-01-05", 45), at("2026-01-06", 50)] };
    expect(historyOf({ counts }, "2026-01-05", 30)).toEqual({
      Videos: { first: dayNumber("2026-01-04"), totals: [40, 45] },
    });
    expect(historyOf({ counts }, "2024-01-05", 30)).toEqual({});
  });
});

describe("growth", () => {
  test("is the gain as a share of what was there before", () => {
    const counted = { totals: counts({ Videos: 110, Listed: 330 }), gains: counts({ Videos: 10, Listed: 30 }) };
    expect(growth(counted)).toBeCloseTo(0.1);
  });

  test("leaves out a source of which one of both is not known, and is also known of one source", () => {
    const counted = { totals: counts({ Videos: 110, Listed: 330 }), gains: counts({ Videos: 10, Listed: null }) };
    expect(growth(counted)).toBeCloseTo(0.1);
    expect(growthOn(counted, "Videos")).toBeCloseTo(0.1);
    expect(growthOn(counted, "Listed")).toBeNull();
  });

  test("of what was never counted, or was at nothing, is not known", () => {
    expect(growth({ totals: counts({}), gains: counts({}) })).toBeNull();
    expect(growth({ totals: counts({ Videos: 10 }), gains: counts({ Videos: 10 }) })).toBeNull();
  });
});

describe("the line", () => {
  test("breaks at a gap", () => {
    expect(linePath([1, 2, null, 2, 1], 40, 14).match(/M/g)).toHaveLength(2);
  });

  test("shows a day alone as a dot, and nothing as nothing", () => {
    expect(linePath([null, 3, null], 40, 14)).toBe("M20.0 2.0h.1");
    expect(linePath([null, null], 40, 14)).toBe("");
  });
});
