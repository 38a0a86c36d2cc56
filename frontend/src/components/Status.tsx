// What a visitor should know about the data: that they are old, invented, late or missing. One line says the gravest of it, and opens to the rest.

import type { ComponentChildren } from "preact";

import { askAgain } from "../api/client";
import type { Chart, Service } from "../api/types";
import { ageText, dayText } from "../chart/formatting";
import { unitOf, type ChartServices } from "../chart/services";
import { address, follow, show, view } from "../state/navigation";
import {
  chart,
  currentChart,
  genreName,
  genres,
  onlyService,
  isFirst,
  lastUpdated,
  online,
  parts,
  rows,
  shownRows,
  shownServices,
  upstream,
} from "../state/store";
import type { View } from "../state/view";

/** A chart is made every day; one older than this means that a day was skipped. */
const OLD_AFTER = 36 * 3_600;

const KEPT = "You see what we loaded before.";

/** `urgent`: something does not work; `warning`: something is old or missing; `plain`: good to know. */
type Gravity = "urgent" | "warning" | "plain";

interface Note {
  id: string;
  gravity: Gravity;
  text: ComponentChildren;
  /** Whether trying again can help. */
  again?: boolean;
}

export function Status() {
  const notes = [connection(), age(), gaps(), first(), world()].filter((one) => one !== null);
  const [gravest, ...others] = notes;
  if (gravest === undefined) return null;
  return (
    <div class={`status ${gravest.gravity}`} id="status">
      {others.length === 0 ? (
        <Line note={gravest} />
      ) : (
        <details>
          <summary>
            <Line note={gravest} />
            <span class="more">and {others.length} more</span>
          </summary>
          {others.map((note) => (
            <Line key={note.id} note={note} />
          ))}
        </details>
      )}
      {gravest.again && (
        <button type="button" class="button" onClick={() => askAgain()}>
          Try again
        </button>
      )}
    </div>
  );
}

function Line({ note: { id, gravity, text } }: { note: Note }) {
  return (
    <span class="note" id={id} role={gravity === "urgent" ? "alert" : "status"}>
      {text}
    </span>
  );
}

/** Where the data come from, if not from the services just now. */
function world(): Note | null {
  const text = {
    sandbox: "Invented data: the TuneMeld sandbox made up these artists, songs and counts.",
    replay: "Recorded data: the services gave these answers on an earlier day.",
    live: null,
  }[upstream.value ?? "live"];
  return text === null ? null : { id: "sandbox-note", gravity: "plain", text };
}

/** The first of several problems alone, since all have the same remedy. */
function connection(): Note | null {
  const asked = [chart.value, genres.value];
  const kept = rows.value !== null;
  const trouble = asked.find((one) => one.trouble !== null)?.trouble;
  const problem = (text: string): Note => ({ id: "trouble", gravity: "urgent", text, again: true });
  if (!online.value || asked.some((one) => one.trouble?.kind === "offline")) {
    return problem(`You are offline. ${kept ? KEPT : "The chart will load as soon as you are back online."}`);
  }
  if (trouble?.kind === "missing" && !kept) return null;
  if (trouble) {
    const what =
      trouble.kind === "unreachable"
        ? "We can’t reach TuneMeld’s server."
        : "TuneMeld’s server can’t answer right now.";
    return problem(kept ? `${what} ${KEPT}` : what);
  }
  if (asked.some((one) => one.slow)) {
    return problem(`No answer for 10 seconds. ${kept ? KEPT : "It may still arrive."}`);
  }
  const stale = chart.value.stale;
  if (stale !== null) {
    const text = `We can’t reach our database; showing data from ${ageText(stale)} ago.`;
    return { id: "stale-note", gravity: "warning", text };
  }
  return parts.value.some((one) => one.trouble !== null && one.trouble.kind !== "missing")
    ? { id: "parts-note", gravity: "warning", text: "Couldn’t load some parts of this page.", again: true }
    : null;
}

/** That the current chart is not from today. Recorded data are always old and need no note. */
function age(): Note | null {
  const shown = currentChart.value;
  const updated = lastUpdated.value;
  if (shown === null || updated === null || shown.upstream === "replay") return null;
  if (shown.rolled_back) {
    const text = `This is the chart for ${dayText(shown.date)}: we withdrew a newer one${shown.held ? " and keep this one for now." : "."}`;
    return { id: "age-note", gravity: "warning", text };
  }
  const seconds = (Date.now() - Date.parse(updated)) / 1000;
  return seconds > OLD_AFTER
    ? {
        id: "age-note",
        gravity: "warning",
        text: `This chart is ${ageText(seconds)} old: we couldn’t make a newer one.`,
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
      .map((source) => `${source.name}’s ${unitOf(source)} for this day are missing.`),
  ];
}

function missingList({ name }: Service, list: Chart["lists"][string] | undefined): string[] {
  if (list === undefined || list.state === "fresh") return [];
  if (list.state === "absent") return [`${name}’s list is missing.`];
  return list.observed_at === null
    ? [`We couldn’t get ${name}’s newest list; an older one counts instead.`]
    : [`${name}’s list is from ${dayText(list.observed_at.slice(0, 10), "tiny")}: we couldn’t get a newer one.`];
}

function first(): Note | null {
  return isFirst.value && currentChart.value !== null
    ? { id: "first-note", gravity: "plain", text: "First chart: movement from tomorrow." }
    : null;
}

/** Shown instead of rows when there is no such chart. */
function Missing({ nearest }: { nearest: readonly string[] }) {
  const { genre: asked, date } = view.value;
  const known = genres.value.data;
  if (date !== null && nearest.length > 0) {
    return (
      <div class="empty" id="trouble" role="status">
        <p>There is no chart for {dayText(date)}. The nearest days:</p>
        <Ways ways={[...nearest.map((day) => [dayText(day, "short"), { date: day }] as const), CURRENT]} />
      </div>
    );
  }
  const unknown = asked !== null && known !== null && !known.some((one) => one.genre === asked);
  const others = (known ?? []).filter((one) => one.date !== null);
  return (
    <div class="empty" id="trouble" role="status">
      <p>
        {unknown
          ? `There is no genre called “${asked}”.`
          : `No ${genreName.value} chart yet. The next daily update brings the first one.`}
      </p>
      <Ways ways={others.map((one) => [one.name, { genre: one.genre, date: null }] as const)} />
    </div>
  );
}

const CURRENT = ["The current chart", { date: null }] as const;

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
          ? "This list is empty today."
          : "No two services’ editors agree on any track of this genre today."
        : `No tracks match “${view.value.q}”.`}
      {all.length > 0 && (
        <button type="button" class="button" onClick={() => show({ q: "" })}>
          Show all
        </button>
      )}
    </p>
  );
}
