// The services of a chart: which columns it has follows from the chart, how each looks from what the API says of services. Pure.

import type { Chart, Service } from "../api/types";
import { isText, words } from "../texts";

/** The services of a chart in the API's order: those with a list, and the sources of counts. */
export interface ChartServices {
  listing: readonly Service[];
  counting: readonly Service[];
}

export const NO_SERVICES: ChartServices = { listing: [], counting: [] };

/** The services of a chart. One that the API does not describe, or not yet, is shown by its key. */
export function chartServices(chart: Chart, known: readonly Service[]): ChartServices {
  const listing = new Set(Object.keys(chart.lists));
  const counting = new Set(Object.keys(chart.coverage));
  for (const track of chart.tracks) {
    for (const key of Object.keys(track.services)) listing.add(key);
    for (const key of Object.keys(track.counts)) counting.add(key);
  }
  return { listing: inOrder(listing, known), counting: inOrder(counting, known) };
}

/** A source whose counts a chart lacks. `beyond`: those of its own list’s recordings are there. `needs`: the settings that would bring them. */
export interface Uncounted {
  source: Service;
  beyond: boolean;
  needs: readonly string[];
}

/** The sources of which a chart has no counts, or those of their own lists alone, for lack of the operator’s key. */
export function uncounted(chart: Chart, known: readonly Service[]): readonly Uncounted[] {
  return known
    .filter(({ service, counts_need }) => counts_need.length > 0 && !(`${service} counts` in chart.degraded))
    .flatMap((source) => {
      const others = chart.tracks.filter((track) => !(source.service in track.services));
      const beyond = source.service in chart.coverage;
      const lacks = !beyond || (others.length > 0 && others.every((track) => !(source.service in track.counts)));
      return lacks ? [{ source, beyond, needs: source.counts_need }] : [];
    });
}

/** Every service of a chart once, those that only count last. */
export function allOf({ listing, counting }: ChartServices): readonly Service[] {
  return [...new Set([...listing, ...counting])];
}

/** The class of what belongs to a service, which gives it the service's colour (state/colours.ts). */
export function classOf(key: string): string {
  return `of-${key}`;
}

/** What a source counts: "plays", "views"; a unit of which the page has no word in its language stays as the service names it. */
export function unitOf(service: Service): string {
  const unit = service.unit ?? "plays";
  const key = `unit.${unit}`;
  return isText(key) ? words(key) : unit;
}

function inOrder(keys: ReadonlySet<string>, known: readonly Service[]): Service[] {
  const described = known.filter((one) => keys.has(one.service));
  const others = [...keys].filter((key) => !known.some((one) => one.service === key));
  return [...described, ...others.sort().map(undescribed)];
}

/** One object for each key, so that what is drawn from it stays the same. */
const UNDESCRIBED = new Map<string, Service>();

function undescribed(key: string): Service {
  const made = UNDESCRIBED.get(key) ?? {
    service: key,
    name: key,
    short: key.slice(0, 2).toUpperCase(),
    kind: null,
    gives: [],
    unit: null,
    counts_need: [],
    sources: [],
    hosts: [],
    colours: { on_light: INK.light, on_dark: INK.dark },
    player: null,
    lists: {},
    coverage: {},
  };
  UNDESCRIBED.set(key, made);
  return made;
}

/** Ink and paper as styles/tokens.css has them, in which colours are judged. */
export const INK = { light: "#14151a", dark: "#f1f1f4" };
export const PAPER = { light: "#f4f4f6", dark: "#191b20" };

/** The contrast that small text needs (WCAG 2.2, 1.4.3). */
const ENOUGH = 4.5;

/** A service's colour on light and on dark paper, moved towards ink as far as it has to be to be read there. */
export function readableColours({ on_light, on_dark }: Service["colours"]): { light: string; dark: string } {
  return { light: readable(on_light, PAPER.light, INK.light), dark: readable(on_dark, PAPER.dark, INK.dark) };
}

function readable(colour: string, paper: string, ink: string): string {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return ink;
  for (let share = 0; share < 1; share += 0.1) {
    const mixed = mix(colour, ink, share);
    if (contrast(mixed, paper) >= ENOUGH) return mixed;
  }
  return ink;
}

/** The contrast of two colours, from 1 to 21 (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [more = 0, less = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (more + 0.05) / (less + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = parts(colour).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(one: string, other: string, share: number): string {
  const others = parts(other);
  const mixed = parts(one).map((part, index) => Math.round(part + share * ((others[index] ?? part) - part)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function parts(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
