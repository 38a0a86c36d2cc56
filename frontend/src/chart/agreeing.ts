// How much a genre's editors agree, as lines over days for each pair of services. Pure.

import type { Agreement, Service } from "../api/types";
import { words } from "../texts";
import { dayNumber } from "./series";

/** A pair of services with its overlap on each day of the span, from 0 to 1; null where one had no list. */
export interface PairLine {
  services: readonly [string, string];
  mean: number;
  days: number;
  values: readonly (number | null)[];
}

/** The pairs, those that agree most first. */
export function pairLines(answer: Agreement): PairLine[] {
  const [first, last] = [answer.days[0]?.date, answer.days.at(-1)?.date];
  if (first === undefined || last === undefined) return [];
  const [from, length] = [dayNumber(first), dayNumber(last) - dayNumber(first) + 1];
  return answer.means
    .map(({ services: [one, other], rbo, days }) => {
      const known = new Map(
        answer.days.flatMap(({ date, pairs }) => {
          const pair = pairs.find(({ services }) => services[0] === one && services[1] === other);
          return pair === undefined ? [] : [[dayNumber(date), pair.rbo]];
        }),
      );
      const values = Array.from({ length }, (_, index) => known.get(from + index) ?? null);
      return { services: [one, other] as const, mean: rbo, days, values };
    })
    .sort((one, other) => other.mean - one.mean);
}

/** "One and Two". */
export function pairText([one, other]: readonly [string, string], services: readonly Service[]): string {
  const named = (key: string) => services.find(({ service }) => service === key)?.name ?? key;
  return words("agreement.pair", { one: named(one), other: named(other) });
}

/** The path of values from 0 to 1 in a field of this size, 0 at the bottom; a single day between gaps is a dot. */
export function sharePath(values: readonly (number | null)[], width: number, height: number): string {
  const step = width / Math.max(1, values.length - 1);
  return values
    .map((value, index) => {
      if (value === null) return "";
      const x = (values.length === 1 ? width / 2 : index * step).toFixed(1);
      const [before, after] = [values[index - 1] ?? null, values[index + 1] ?? null];
      const y = ((1 - value) * height).toFixed(1);
      return `${before === null ? "M" : "L"}${x} ${y}${before === null && after === null ? "h.1" : ""}`;
    })
    .join("");
}
