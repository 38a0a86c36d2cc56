import { describe, expect, test } from "vitest";

import { growth } from "../src/chart/gains";
import { daily, dailyGains, dayNumber, lastDays } from "../src/chart/series";
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

describe("growth", () => {
  test("is the gain as a share of what was there before", () => {
    expect(
      growth({ totals: counts({ Youtube: 110, Spotify: 330 }), gains: counts({ Youtube: 10, Spotify: 30 }) }),
    ).toBeCloseTo(0.1);
  });

  test("leaves out a source of which one of both is not known", () => {
    expect(growth({ totals: counts({ Youtube: 110, Spotify: 330 }), gains: counts({ Youtube: 10 }) })).toBeCloseTo(0.1);
  });

  test("of what was never counted, or was at nothing, is not known", () => {
    expect(growth({ totals: counts({}), gains: counts({}) })).toBeNull();
    expect(growth({ totals: counts({ Youtube: 10 }), gains: counts({ Youtube: 10 }) })).toBeNull();
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
