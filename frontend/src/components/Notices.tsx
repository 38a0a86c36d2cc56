// What a visitor should know of the data before reading them: that they are old, invented, late or not to be had.

import type { ComponentChildren } from "preact";

import { askAgain } from "../api/client";
import { NAMES, SERVICES, SOURCES, type Chart } from "../api/types";
import { ageText, dayText, plural } from "../chart/formatting";
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

/** A chart is made daily; later than this, one was left out. */
const OLD_AFTER = 36 * 3_600;

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
    return <Notice id="sandbox-note">Invented data: artists, songs and counts are the TuneMeld sandbox’s.</Notice>;
  }
  if (upstream.value === "replay")
    return <Notice id="sandbox-note">Recorded data: these are answers of an earlier day.</Notice>;
  return null;
}

/** Of several troubles only the first is told; all have the same remedy. */
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
        You are offline. {kept ? "What you see is what was there before." : "The chart comes as soon as you are back."}{" "}
        {again}
      </Notice>
    );
  }
  const trouble = asked.find((one) => one.trouble !== null)?.trouble;
  if (trouble?.kind === "missing" && !kept) return null;
  if (trouble) {
    return (
      <Notice id="trouble" urgent>
        {trouble.kind === "unreachable"
          ? "TuneMeld’s server cannot be reached."
          : "TuneMeld’s server could not answer just now."}{" "}
        {kept && "What you see is what was there before."} {again}
      </Notice>
    );
  }
  if (asked.some((one) => one.slow)) {
    return (
      <Notice id="trouble" urgent>
        No answer for 10 seconds. {kept ? "What you see is what was there before." : "It may still come."} {again}
      </Notice>
    );
  }
  const stale = chart.value.stale;
  if (stale !== null) {
    return (
      <Notice id="stale-note">Nothing newer can be had just now: this is what was known {ageText(stale)} ago.</Notice>
    );
  }
  return parts.value.some((one) => one.trouble !== null && one.trouble.kind !== "missing") ? (
    <Notice id="parts-note">Some parts could not be loaded. {again}</Notice>
  ) : null;
}

/** That the current chart is not of today. What is recorded is old by its nature. */
function Age() {
  const shown = currentChart.value;
  const updated = lastUpdated.value;
  if (shown === null || updated === null || shown.upstream === "replay") return null;
  if (shown.rolled_back_to !== null) {
    return (
      <Notice id="age-note">
        This is the chart of {dayText(shown.rolled_back_to.slice(0, 10))}: a newer one was withdrawn.
      </Notice>
    );
  }
  const age = (Date.now() - Date.parse(updated)) / 1000;
  return age > OLD_AFTER ? (
    <Notice id="age-note">This chart is {ageText(age)} old: no newer one could be made.</Notice>
  ) : null;
}

/** What the current chart was made without: lists of today, a list at all, counts. */
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
      ? [`${NAMES[service]}’s newest list could not be had; an older one counts.`]
      : [
          `${NAMES[service]}’s list is from ${dayText(outcome.observed_at.slice(0, 10), "tiny")}: no newer one could be had.`,
        ];
  });
  const counts = SOURCES.filter((source) => source in count_errors).map(
    (source) => `${NAMES[source]}’s ${source === "Youtube" ? "views" : "plays"} of this day are missing.`,
  );
  return [...lists, ...counts];
}

/** What stands in the place of rows where there is no such chart. */
function Missing({ nearest }: { nearest: readonly string[] }) {
  const { genre: asked, date } = view.value;
  const known = genres.value.data;
  if (date !== null && nearest.length > 0) {
    return (
      <div class="empty" id="trouble" role="status">
        <p>There is no chart of {dayText(date)}. The nearest days:</p>
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
          ? `There is no genre “${asked}”.`
          : `No ${genreName.value} chart yet. The first one comes with the next daily update.`}
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

/** What stands in the place of rows where there are none. */
export function Empty() {
  const [all, shown, trouble] = [rows.value, shownRows.value, chart.value.trouble];
  if (all === null && trouble?.kind === "missing") return <Missing nearest={trouble.nearest} />;
  if (all === null || shown === null || shown.length > 0) return null;
  return (
    <p class="empty" id="empty-note" role="status">
      {all.length === 0
        ? "No two services’ editors agree on any track of this genre today."
        : `None of the ${plural(all.length, "track")} holds “${view.value.q}”.`}
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
