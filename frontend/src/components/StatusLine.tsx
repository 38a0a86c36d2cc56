// One line that says the gravest of what a visitor should know, and opens to the rest; and what every page may have to say.

import type { ComponentChildren } from "preact";

import { askAgain, type Known } from "../api/client";
import { ageText } from "../chart/formatting";
import { online, upstream } from "../state/store";
import { words } from "../texts";

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
            <span class="more">{words("status.more", { count: others.length })}</span>
          </summary>
          {others.map((note) => (
            <Line key={note.id} note={note} />
          ))}
        </details>
      )}
      {gravest.again && (
        <button type="button" class="button" onClick={() => askAgain()}>
          {words("choose.again")}
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
    sandbox: words("status.sandbox"),
    replay: words("status.replay"),
    live: null,
  }[upstream.value ?? "live"];
  return text === null ? null : { id: "sandbox-note", gravity: "plain", text };
}

/** The first of several problems with what was asked for alone, since all have the same remedy. `kept`: there is something to see all the same. */
export function connection(
  asked: readonly Known<unknown>[],
  kept: boolean,
  what: "chart" | "page" = "chart",
): Note | null {
  const trouble = asked.find((one) => one.trouble !== null)?.trouble;
  const problem = (text: string): Note => ({ id: "trouble", gravity: "urgent", text, again: true });
  if (!online.value || asked.some((one) => one.trouble?.kind === "offline")) {
    const waiting = words(what === "chart" ? "status.offlineChart" : "status.offlinePage");
    return problem(`${words("status.offline")} ${kept ? words("status.kept") : waiting}`);
  }
  if (trouble?.kind === "missing" && !kept) return null;
  if (trouble) {
    const said = words(trouble.kind === "unreachable" ? "status.unreachable" : "status.failed");
    return problem(kept ? `${said} ${words("status.kept")}` : said);
  }
  if (asked.some((one) => one.slow)) {
    return problem(`${words("status.slow")} ${words(kept ? "status.kept" : "status.slowMay")}`);
  }
  const stale = asked.find((one) => one.stale !== null)?.stale ?? null;
  return stale === null
    ? null
    : {
        id: "stale-note",
        gravity: "warning",
        text: words("status.stale", { age: ageText(stale) }),
      };
}
