// The days with a chart, and the calendar's pages. Pure. Days are written as 2026-01-31, months as 2026-01.

const DAY = 86_400_000;
const WEEK = 7;

/** The day `count` days later, or earlier if it is negative. */
export function dayAfter(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10);
}

/** The month `count` months later. */
export function monthAfter(month: string, count: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}

/** A month's weeks from Monday to Sunday; null for days outside the month. */
export function weeksOf(month: string): (string | null)[][] {
  const first = `${month}-01`;
  const before = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % WEEK;
  const length = (Date.parse(`${monthAfter(month, 1)}-01`) - Date.parse(first)) / DAY;
  return Array.from({ length: Math.ceil((before + length) / WEEK) }, (_, week) =>
    Array.from({ length: WEEK }, (__, weekday) => {
      const index = week * WEEK + weekday - before;
      return index < 0 || index >= length ? null : dayAfter(first, index);
    }),
  );
}

/** The day of the chart before this one; `day` null means the current chart. `days` are oldest first. */
export function earlier(days: readonly string[], day: string | null): string | null {
  const latest = days.at(-1) ?? null;
  return days.findLast((one) => one < (day ?? latest ?? "")) ?? null;
}

/** The day of the chart after this one; null means the current chart, that of the last day. */
export function later(days: readonly string[], day: string): string | null {
  const next = days.find((one) => one > day) ?? null;
  return next === days.at(-1) ? null : next;
}

/** Where an arrow leads from a day: the nearest day with a chart in that direction, or the day itself. */
export function towards(days: readonly string[], day: string, count: number): string {
  const target = dayAfter(day, count);
  const found = count < 0 ? days.findLast((one) => one <= target) : days.find((one) => one >= target);
  return found ?? (count < 0 ? days[0] : days.at(-1)) ?? day;
}
