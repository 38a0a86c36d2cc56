// What a visitor should know about the data before reading them: that they are old, invented, late or missing.

import type { ComponentChildren } from "preact";

import { askAgain } from "../api/client";
import { NAMES, SERVICES, SOURCES, type Chart } from "../api/types";
import { ageText, dayText } from "../chart/formatting";
import { address, follow, show, view } from "../state/navigation";
import {
  chart,
  currentChart,
  genreName,
  genres,
  lastUpdated,
  online,
  parts,
  rows,
  shownRows,
  upstream,
} from "../state/store";
import type { View } from "../state/view";

/** A chart is made every day; one older than this means that a day was skipped. */
const OLD_AFTER = 36 * 3_600;

const KEPT = "You see what we loaded before.";

export function Notices() {
  return (
    <div class="notices">
      <Worlds />
      <Connection />
      <Age />
      <Gaps />
    </div>
  );
}

function Worlds() {
  if (upstream.value === "sandbox") {
    return (
      <Notice id="sandbox-note">Invented data: the TuneMeld sandbox made up these artists, songs and counts.</Notice>
    );
  }
  if (upstream.value === "replay")
    return <Notice id="sandbox-note">Recorded data: the services gave these answers on an earlier day.</Notice>;
  return null;
}

/** Shows only the first of several problems, since all have the same remedy. */
function Connection() {
  const asked = [chart.value, genres.value];
  const kept = rows.value !== null;
  const again = (
    <button type="button" onClick={() => askAgain()}>
      Try again
    </button>
  );
  if (!online.value || asked.some((one) => one.trouble?.kind === "offline")) {
    return (
      <Notice id="trouble" urgent>
        You are offline. {kept ? KEPT : "The chart will load as soon as you are back online."} {again}
      </Notice>
    );
  }
  const trouble = asked.find((one) => one.trouble !== null)?.trouble;
  if (trouble?.kind === "missing" && !kept) return null;
  if (trouble) {
    return (
      <Notice id="trouble" urgent>
        {trouble.kind === "unreachable"
          ? "We can’t reach TuneMeld’s server."
          : "TuneMeld’s server can’t answer right now."}{" "}
        {kept && KEPT} {again}
      </Notice>
    );
  }
  if (asked.some((one) => one.slow)) {
    return (
      <Notice id="trouble" urgent>
        No answer for 10 seconds. {kept ? KEPT : "It may still arrive."} {again}
      </Notice>
    );
  }
  const stale = chart.value.stale;
  if (stale !== null) {
    return <Notice id="stale-note">We can’t reach our database; showing data from {ageText(stale)} ago.</Notice>;
  }
  return parts.value.some((one) => one.trouble !== null && one.trouble.kind !== "missing") ? (
    <Notice id="parts-note">Couldn’t load some parts of this page. {again}</Notice>
  ) : null;
}

/** Says that the current chart is not from today. Recorded data are always old and need no notice. */
function Age() {
  const shown = currentChart.value;
  const updated = lastUpdated.value;
  if (shown === null || updated === null || shown.upstream === "replay") return null;
  if (shown.rolled_back_to !== null) {
    return (
      <Notice id="age-note">
        This is the chart for {dayText(shown.rolled_back_to.slice(0, 10))}: we withdrew a newer one
        {shown.held ? " and keep this one for now." : "."}
      </Notice>
    );
  }
  const age = (Date.now() - Date.parse(updated)) / 1000;
  return age > OLD_AFTER ? (
    <Notice id="age-note">This chart is {ageText(age)} old: we couldn’t make a newer one.</Notice>
  ) : null;
}

/** What is missing from the current chart: today's version of a list, a whole list, or counts. */
function Gaps() {
  const said = currentChart.value === null ? [] : gaps(currentChart.value);
  return said.length === 0 ? null : <Notice id="gaps-note">{said.join(" ")}</Notice>;
}

function gaps({ outcomes, count_errors }: Chart): string[] {
  const lists = SERVICES.flatMap((service) => {
    const outcome = outcomes[service];
    if (outcome === undefined || outcome.state === "fresh") return [];
    if (outcome.state === "absent") return [`${NAMES[service]}’s list is missing.`];
    return outcome.observed_at === null
      ? [`We couldn’t get ${NAMES[service]}’s newest list; an older one counts instead.`]
      : [
          `${NAMES[service]}’s list is from ${dayText(outcome.observed_at.slice(0, 10), "tiny")}: we couldn’t get a newer one.`,
        ];
  });
  const counts = SOURCES.filter((source) => source in count_errors).map(
    (source) => `${NAMES[source]}’s ${source === "Youtube" ? "views" : "plays"} for this day are missing.`,
  );
  return [...lists, ...counts];
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
  const unknown = asked !== null && known !== null && !known.some((one) => one.genre_name === asked);
  const others = (known ?? []).filter((one) => one.last_updated !== null);
  return (
    <div class="empty" id="trouble" role="status">
      <p>
        {unknown
          ? `There is no genre called “${asked}”.`
          : `No ${genreName.value} chart yet. The next daily update brings the first one.`}
      </p>
      <Ways ways={others.map((one) => [one.display_name, { genre: one.genre_name, date: null }] as const)} />
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
        ? "No two services’ editors agree on any track of this genre today."
        : `No tracks match “${view.value.q}”.`}
      {all.length > 0 && (
        <button type="button" class="button" onClick={() => show({ q: "" })}>
          Show all
        </button>
      )}
    </p>
  );
}

function Notice({ id, urgent = false, children }: { id: string; urgent?: boolean; children: ComponentChildren }) {
  return (
    <div class={urgent ? "notice urgent" : "notice"} id={id} role={urgent ? "alert" : "status"}>
      <p>{children}</p>
    </div>
  );
}
