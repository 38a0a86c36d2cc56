// Keyboard shortcuts, and the dialog that lists them. Visitors can switch them off: speech input would trigger them by accident.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { elsewhere, show, view } from "../state/navigation";
import { keysOn } from "../state/preferences";
import { dates, day, genres } from "../state/store";
import { earlier, later } from "../state/days";
import { TODAY } from "../state/view";
import { words, type TextKey } from "../texts";

const KEYS: readonly (readonly [string, TextKey])[] = [
  ["/", "keys.search"],
  ["f", "keys.filter"],
  ["j k", "keys.track"],
  ["0", "keys.today"],
  ["1 – 9", "keys.genre"],
  ["[ ]", "keys.day"],
  ["g", "keys.counts"],
  ["?", "keys.help"],
  ["Esc", "keys.close"],
];

const helpOpen = signal(false);

/** Shows the list of keys. */
export function showKeys(): void {
  helpOpen.value = true;
}

export function KeysHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (helpOpen.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [helpOpen.value]);
  return (
    <>
      <dialog
        class="keys"
        ref={dialog}
        aria-labelledby="keys-title"
        onClose={() => (helpOpen.value = false)}
        onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
      >
        <div class="dialog-body">
          <h2 id="keys-title">{words("keys.title")}</h2>
          <dl>
            {KEYS.map(([keys, said]) => (
              <div key={keys}>
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd>{words(said)}</dd>
              </div>
            ))}
          </dl>
          <label class="check">
            <input
              type="checkbox"
              checked={keysOn.value}
              onChange={(event) => (keysOn.value = event.currentTarget.checked)}
            />
            {words("keys.use")}
          </label>
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            {words("choose.close")}
          </button>
        </div>
      </dialog>
    </>
  );
}

/** Handles keys pressed outside fields and dialogs. */
export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (event.key === "Escape" && target?.id === "filter") {
      show({ q: "" }, { replace: true });
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !keysOn.peek()) return;
    if (target?.closest("input:not([type=radio]), select, dialog, .calendar, iframe")) return;
    if (press(event.key)) event.preventDefault();
  });
}

function press(key: string): boolean {
  switch (key) {
    case "/":
      return focusSearch();
    case "f":
      document.getElementById("filter")?.focus();
      return document.getElementById("filter") !== null;
    case "?":
      helpOpen.value = true;
      return true;
    case "0":
      show(TODAY);
      return true;
    case "g":
      if (view.peek().place !== "chart") return false;
      show({ counts: view.peek().counts === "gain" ? "total" : "gain" });
      return true;
    case "j":
      return focusTrack(1);
    case "k":
      return focusTrack(-1);
    case "[":
    case "]":
      return stepDay(key);
    default:
      return /^[1-9]$/.test(key) && chooseGenre(Number(key) - 1);
  }
}

/** The field of the search; where there is room for none, its page has one. */
function focusSearch(): boolean {
  const field = document.getElementById("find");
  field?.focus();
  if (document.activeElement !== field) show(elsewhere("search"));
  return true;
}

function focusTrack(step: number): boolean {
  const tracks = [...document.querySelectorAll<HTMLElement>("#chart-table a.track")];
  const row = document.activeElement?.closest("#chart-table tbody tr");
  const now = tracks.findIndex((track) => row?.contains(track));
  const next = tracks[now === -1 ? (step > 0 ? 0 : tracks.length - 1) : now + step];
  next?.focus();
  next?.scrollIntoView({ block: "center" });
  return next !== undefined;
}

function stepDay(key: "[" | "]"): boolean {
  if (view.peek().place !== "chart") return false;
  const days = dates.peek() ?? [];
  const date = day.peek();
  if (key === "[") {
    const before = earlier(days, date);
    if (before !== null) show({ date: before });
  } else if (date !== null) show({ date: later(days, date) });
  return true;
}

function chooseGenre(index: number): boolean {
  const chosen = genres.peek().data?.[index];
  if (chosen === undefined) return false;
  show(
    view.peek().place === "chart" ? { genre: chosen.genre, track: null } : elsewhere("chart", { genre: chosen.genre }),
  );
  return true;
}
