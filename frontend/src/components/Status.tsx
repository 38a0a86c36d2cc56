// What a visitor should know about a chart's data: that they are old, invented, late or missing; and what stands in place of rows.

import type { Chart, Service } from "../api/types";
import { ageText, dayText, writtenList } from "../chart/formatting";
import { SIDE_BY_SIDE } from "../chart/genres";
import { uncounted, unitOf, type ChartServices } from "../chart/services";
import { address, follow, show, view } from "../state/navigation";
import {
  chart,
  currentChart,
  genreName,
  genres,
  onlyService,
  isFirst,
  lastUpdated,
  parts,
  rows,
  services,
  shownRows,
  shownServices,
} from "../state/store";
import type { View } from "../state/view";
import { words } from "../texts";
import { connection, StatusLine, world, type Note } from "./StatusLine";

/** A chart is made every day; one older than this means that a day was skipped. */
const OLD_AFTER = 36 * 3_600;

export function Status() {
  const asked = [chart.value, genres.value];
  const notes = [connection(asked, rows.value !== null) ?? incomplete(), age(), gaps(), keyless(), first(), world()];
  return <StatusLine notes={notes} />;
}

/** That something around the chart could not be loaded. */
function incomplete(): Note | null {
  return parts.value.some((one) => one.trouble !== null && one.trouble.kind !== "missing")
    ? { id: "parts-note", gravity: "warning", text: words("status.parts"), again: true }
    : null;
}

/** That the current chart is not from today. Recorded data are always old and need no note. */
function age(): Note | null {
  const shown = currentChart.value;
  const updated = lastUpdated.value;
  if (shown === null || updated === null || shown.upstream === "replay") return null;
  if (shown.rolled_back) {
    const text = words(shown.held ? "status.withdrawnKept" : "status.withdrawn", { day: dayText(shown.date) });
    return { id: "age-note", gravity: "warning", text };
  }
  const seconds = (Date.now() - Date.parse(updated)) / 1000;
  return seconds > OLD_AFTER
    ? {
        id: "age-note",
        gravity: "warning",
        text: words("status.old", { age: ageText(seconds) }),
      }
    : null;
}

/** What is missing from the current chart: today's version of a list, a whole list, or counts. */
function gaps(): Note | null {
  const said = currentChart.value === null ? [] : missing(currentChart.value, shownServices.value);
  return said.length === 0 ? null : { id: "gaps-note", gravity: "warning", text: said.join(" ") };
}

function missing({ lists, degraded }: Chart, { listing, counting }: ChartServices): string[] {
  return [
    ...listing.flatMap((service) => missingList(service, lists[service.service])),
    ...counting
      .filter(({ service }) => `${service} counts` in degraded)
      .map((source) => words("status.countsMissing", { service: source.name, unit: unitOf(source) })),
  ];
}

function missingList({ name }: Service, list: Chart["lists"][string] | undefined): string[] {
  if (list === undefined || list.state === "fresh") return [];
  if (list.state === "absent") return [words("status.absent", { service: name })];
  return list.observed_at === null
    ? [words("status.olderCounts", { service: name })]
    : [words("status.oldList", { service: name, day: dayText(list.observed_at.slice(0, 10), "tiny") })];
}

/** Which counts are unknown here, and which of the operator’s keys would bring them. */
function keyless(): Note | null {
  const shown = currentChart.value;
  if (shown === null || shown.tracks.length === 0) return null;
  const said = uncounted(shown, services.value).map(({ source, beyond, needs }) =>
    words(beyond ? "status.uncountedBeyond" : "status.uncounted", {
      service: source.name,
      unit: unitOf(source),
      settings: writtenList(needs),
    }),
  );
  return said.length === 0 ? null : { id: "keyless-note", gravity: "plain", text: said.join(" ") };
}

function first(): Note | null {
  return isFirst.value && currentChart.value !== null
    ? { id: "first-note", gravity: "plain", text: words("status.first") }
    : null;
}

/** Shown instead of rows when there is no such chart. */
function Missing({ nearest }: { nearest: readonly string[] }) {
  const { genre: asked, date } = view.value;
  const known = genres.value.data;
  if (date !== null && nearest.length > 0) {
    return (
      <div class="empty" id="trouble" role="status">
        <p>{words("status.nearest", { day: dayText(date) })}</p>
        <Ways ways={[...nearest.map((day) => [dayText(day, "short"), { date: day }] as const), CURRENT]} />
      </div>
    );
  }
  const unknown = asked !== null && known !== null && !known.some((one) => one.genre === asked);
  const others = (known ?? []).filter((one) => one.date !== null).slice(0, SIDE_BY_SIDE);
  return (
    <div class="empty" id="trouble" role="status">
      <p>{unknown ? words("status.noGenre", { genre: asked }) : words("status.noChart", { genre: genreName.value })}</p>
      <Ways ways={others.map((one) => [one.name, { genre: one.genre, date: null }] as const)} />
    </div>
  );
}

const CURRENT = [words("status.current"), { date: null }] as const;

function Ways({ ways }: { ways: readonly (readonly [string, Partial<View>])[] }) {
  return (
    <p class="ways">
      {ways.map(([name, change]) => (
        <a key={name} class="button" href={address(change)} onClick={(event) => follow(event, change)}>
          {name}
        </a>
      ))}
    </p>
  );
}

/** Shown instead of rows when there are none. */
export function Empty() {
  const [all, shown, trouble] = [rows.value, shownRows.value, chart.value.trouble];
  if (all === null && trouble?.kind === "missing") return <Missing nearest={trouble.nearest} />;
  if (all === null || shown === null || shown.length > 0) return null;
  return (
    <p class="empty" id="empty-note" role="status">
      {all.length === 0
        ? onlyService.value !== null
          ? words("status.emptyList")
          : words("status.empty")
        : words("status.noMatches", { query: view.value.q })}
      {all.length > 0 && (
        <button type="button" class="button" onClick={() => show({ q: "" })}>
          {words("choose.showAll")}
        </button>
      )}
    </p>
  );
}
