import { describe, expect, test } from "vitest";

import { dayAfter, earlier, later, monthAfter, towards, weeksOf } from "../src/state/days";

const DAYS = ["2025-12-30", "2025-12-31", "2026-01-03", "2026-01-04"];

describe("the days that have a chart", () => {
  test("are stepped through, skipping days without a chart", () => {
    expect(earlier(DAYS, null)).toBe("2026-01-03");
    expect(earlier(DAYS, "2026-01-03")).toBe("2025-12-31");
    expect(earlier(DAYS, "2025-12-30")).toBeNull();
    expect(later(DAYS, "2025-12-31")).toBe("2026-01-03");
  });

  test("end with the current chart, which is the last day's", () => {
    expect(later(DAYS, "2026-01-03")).toBeNull();
    expect(later(DAYS, "2026-01-04")).toBeNull();
  });

  test("may be empty", () => {
    expect(earlier([], null)).toBeNull();
    expect(later([], "2026-01-01")).toBeNull();
    expect(towards([], "2026-01-01", 7)).toBe("2026-01-01");
  });

  test("lead an arrow key to the nearest one in its direction, and no further than the last", () => {
    expect(towards(DAYS, "2025-12-31", 1)).toBe("2026-01-03");
    expect(towards(DAYS, "2026-01-03", -1)).toBe("2025-12-31");
    expect(towards(DAYS, "2025-12-31", 7)).toBe("2026-01-04");
    expect(towards(DAYS, "2025-12-31", -7)).toBe("2025-12-30");
  });
});

describe("the calendar", () => {
  test("has a month's days in weeks from Monday on", () => {
    const weeks = weeksOf("2026-02");
    expect(weeks).toHaveLength(5);
    expect(weeks[0]).toEqual([null, null, null, null, null, null, "2026-02-01"]);
    expect(weeks.flat().filter((day) => day !== null)).toHaveLength(28);
    expect(weeksOf("2024-02").flat()).toContain("2024-02-29");
  });

  test("handles year ends and summer time", () => {
    expect([monthAfter("2025-12", 1), monthAfter("2026-01", -1)]).toEqual(["2026-01", "2025-12"]);
    expect([dayAfter("2026-03-28", 1), dayAfter("2026-03-29", 1), dayAfter("2026-01-01", -1)]).toEqual([
      "2026-03-29",
      "2026-03-30",
      "2025-12-31",
    ]);
  });
});
