// The view and the browser's history. Every change of the view adds a step to the history, except letters typed into the search, and
// except what closes a panel: that goes back to before it was opened.

import { signal } from "@preact/signals";

import { parseView, viewSearch, type View } from "./view";

export const view = signal<View>(parseView(location.search));

/** What the page notes of a step in the history: that it opened a panel over the step before. */
interface Step {
  opened?: boolean;
}

/** Changes the view and updates the address. `replace` adds no step to the history. */
export function show(change: Partial<View>, { replace = false } = {}): void {
  const next = { ...view.peek(), ...change };
  const opened = next.track !== null && view.peek().track === null;
  const address = location.pathname + viewSearch(next);
  view.value = next;
  if (address === location.pathname + location.search) return;
  if (replace) history.replaceState(history.state, "", address);
  else history.pushState({ opened } satisfies Step, "", address);
}

/** Leaves an open panel: back to the step that opened it, or, for a visitor who came by its address, on to the chart. */
export function leave(change: Partial<View>): void {
  if ((history.state as Step | null)?.opened) history.back();
  else show(change, { replace: true });
}

/** The address of the view with a change, for links. */
export function address(change: Partial<View>): string {
  return viewSearch({ ...view.value, ...change });
}

/** Whether a click means this page, and not a new tab. */
export function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

/** A plain click on a link changes the view; the browser handles a click that opens a new tab. */
export function follow(event: MouseEvent, change: Partial<View>, options = {}): void {
  if (!isPlain(event)) return;
  event.preventDefault();
  show(change, options);
}

addEventListener("popstate", () => (view.value = parseView(location.search)));
