// One line that says the gravest of what a visitor should know, and opens to the rest; and what every page may have to say.

import type { ComponentChildren } from "preact";

import { askAgain, type Known } from "../api/client";
import { ageText } from "../chart/formatting";
import { online, upstream } from "../state/store";

const KEPT = "You see what we loaded before.";

/** `urgent`: something does not work; `warning`: something is old or missing; `plain`: good to know. */
type Gravity = "urgent" | "warning" | "plain";

export interface Note {
  id: string;
  gravity: Gravity;
  text: ComponentChildren;
  /** Whether trying again can help. */
  again?: boolean;
}

export function StatusLine({ notes }: { notes: readonly (Note | null)[] }) {
  const [gravest, ...others] = notes.filter((one) => one !== null);
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
export function world(): Note | null {
  const text = {
    sandbox: "Invented data: the TuneMeld sandbox made up these artists, songs and counts.",
    replay: "Recorded data: the services gave these answers on an earlier day.",
    live: null,
  }[upstream.value ?? "live"];
  return text === null ? null : { id: "sandbox-note", gravity: "plain", text };
}

/** The first of several problems with what was asked for alone, since all have the same remedy. `kept`: there is something to see all the same. */
export function connection(asked: readonly Known<unknown>[], kept: boolean, what = "chart"): Note | null {
  const trouble = asked.find((one) => one.trouble !== null)?.trouble;
  const problem = (text: string): Note => ({ id: "trouble", gravity: "urgent", text, again: true });
  if (!online.value || asked.some((one) => one.trouble?.kind === "offline")) {
    return problem(`You are offline. ${kept ? KEPT : `The ${what} will load as soon as you are back online.`}`);
  }
  if (trouble?.kind === "missing" && !kept) return null;
  if (trouble) {
    const said =
      trouble.kind === "unreachable"
        ? "We can’t reach TuneMeld’s server."
        : "TuneMeld’s server can’t answer right now.";
    return problem(kept ? `${said} ${KEPT}` : said);
  }
  if (asked.some((one) => one.slow)) {
    return problem(`No answer for 10 seconds. ${kept ? KEPT : "It may still arrive."}`);
  }
  const stale = asked.find((one) => one.stale !== null)?.stale ?? null;
  return stale === null
    ? null
    : {
        id: "stale-note",
        gravity: "warning",
        text: `We can’t reach our database; showing data from ${ageText(stale)} ago.`,
      };
}
