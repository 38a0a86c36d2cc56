// What a visitor should know of the data before reading them: that they are old, invented, late or not to be had.

import type { ComponentChildren } from "preact";

import { askAgain } from "../api/client";
import { ageText, dayText, plural } from "../chart/formatting";
import { address, follow, show, view } from "../state/navigation";
import { chart, genres, online, rows, shownRows, upstream } from "../state/store";

export function Notices() {
  return (
    <div class="notices">
      <Worlds />
      <Connection />
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
  if (trouble?.kind === "missing") return <Missing message={trouble.message} nearest={trouble.nearest} />;
  if (trouble) {
    return (
      <Notice id="trouble" urgent>
        {trouble.kind === "unreachable"
          ? "TuneMeld’s server cannot be reached."
          : trouble.message || "TuneMeld’s server failed."}{" "}
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
  return stale === null ? null : (
    <Notice id="stale-note">The database is out of reach: this is what the server knew {ageText(stale)} ago.</Notice>
  );
}

function Missing({ message, nearest }: { message: string; nearest: readonly string[] }) {
  const asked = view.value.genre;
  const known = genres.value.data;
  if (asked !== null && known !== null && !known.some((one) => one.genre_name === asked)) {
    return <Notice id="trouble">There is no genre “{asked}”; those above are all there are.</Notice>;
  }
  if (view.value.date === null) return <Notice id="trouble">There is no such chart yet: {message}.</Notice>;
  return (
    <Notice id="trouble">
      There is no chart of {dayText(view.value.date)}. {nearest.length > 0 && "The nearest days: "}
      {nearest.map((date) => (
        <a key={date} href={address({ date })} onClick={(event) => follow(event, { date })}>
          {dayText(date, "short")}
        </a>
      ))}{" "}
      <a href={address({ date: null })} onClick={(event) => follow(event, { date: null })}>
        The current chart
      </a>
    </Notice>
  );
}

/** What stands in the place of rows where there are none. */
export function Empty() {
  const [all, shown] = [rows.value, shownRows.value];
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
