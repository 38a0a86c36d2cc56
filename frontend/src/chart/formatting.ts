// Numbers, days and times as visitors read them: in their own variety of the page's language and their own time zone. Pure.

import { LOCALE, words } from "../texts";

const ONE_DECIMAL = { minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", ...ONE_DECIMAL });
const decimal = new Intl.NumberFormat(LOCALE, ONE_DECIMAL);
const whole = new Intl.NumberFormat(LOCALE);
const wholeSigned = new Intl.NumberFormat(LOCALE, { signDisplay: "exceptZero" });
const percent = new Intl.NumberFormat(LOCALE, {
  style: "percent",
  ...ONE_DECIMAL,
  signDisplay: "exceptZero",
});
const share = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });
const signed = new Intl.NumberFormat(LOCALE, {
  notation: "compact",
  ...ONE_DECIMAL,
  signDisplay: "exceptZero",
});

/** From here on a count is shortened, with one decimal, so that those of a column stand below one another: German has no short thousands. */
const SHORTENED = compact.formatToParts(1_000).some((part) => part.type === "compact") ? 1_000 : 1_000_000;

/** 85179530 as 85.2M; an unknown count as a dash. */
export function shortCount(count: number | null): string {
  return count === null ? "–" : (count < SHORTENED ? whole : compact).format(count);
}

/** A gain: +1.2M. */
export function shortGain(gain: number | null): string {
  return gain === null ? "–" : (Math.abs(gain) < SHORTENED ? wholeSigned : signed).format(gain);
}

/** 85,179,530. */
export function fullCount(count: number): string {
  return whole.format(count);
}

/** 4.25 as 4.3. */
export function decimalText(value: number): string {
  return decimal.format(value);
}

/** 0.042 as +4.2%. */
export function growthText(growth: number): string {
  return percent.format(growth);
}

/** 0.333 as 33%. */
export function shareText(value: number): string {
  return share.format(value);
}

/** Made once: each takes as long as a hundred texts. */
const DAY_FORMS = {
  long: dayForm({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  short: dayForm({ day: "numeric", month: "short", year: "numeric" }),
  tiny: dayForm({ day: "numeric", month: "short" }),
};

function dayForm(parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(LOCALE, { ...parts, timeZone: "UTC" });
}

/** A UTC day, written as 2026-01-31. */
export function dayText(day: string, form: keyof typeof DAY_FORMS = "long"): string {
  const at = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return day;
  return DAY_FORMS[form].format(at);
}

/** A time in the visitor's zone, with the zone's name; `zone` is for tests. */
export function momentText(time: string, zone?: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return "";
  return new Intl.DateTimeFormat(LOCALE, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(at);
}

/** A rough age: 5 minutes, 3 hours, 2 days. */
export function ageText(seconds: number): string {
  const units = [
    [86_400, "age.day"],
    [3_600, "age.hour"],
    [60, "age.minute"],
  ] as const;
  for (const [length, name] of units) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return words(name, { count });
  }
  return words("age.moment");
}

/** A length of 194000 milliseconds as 3:14. */
export function lengthText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A month, written as 2026-01: January 2026. */
export function monthText(month: string, form: "long" | "short" = "long"): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  return new Intl.DateTimeFormat(LOCALE, { month: form, year: "numeric", timeZone: "UTC" }).format(at);
}

/** Monday to Sunday, short and long. */
export function weekdayNames(): (readonly [string, string])[] {
  const name = (index: number, weekday: "short" | "long") =>
    new Intl.DateTimeFormat(LOCALE, { weekday, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + index)));
  return Array.from({ length: 7 }, (_, index) => [name(index, "short").slice(0, 2), name(index, "long")] as const);
}

/** "One", "One and Two", "One, Two and Three". */
export function writtenList(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : words("list.last", { start: names.slice(0, -1).join(", "), last });
}

const regions = new Intl.DisplayNames([LOCALE], { type: "region", fallback: "code" });

/** A country's name for its two letters; what is no country stays as it is. */
export function regionText(country: string): string {
  try {
    return regions.of(country) ?? country;
  } catch {
    return country;
  }
}
