// The view and the browser's history. Every change of the view adds a step to the history, except letters typed into the search.

import { signal } from "@preact/signals";

import { parseView, viewSearch, type View } from "./view";

export const view = signal<View>(parseView(location.search));

/** Changes the view and updates the address. `replace` adds no step to the history. */
export function show(change: Partial<View>, { replace = false } = {}): void {
  const next = { ...view.peek(), ...change };
  const address = location.pathname + viewSearch(next);
  view.value = next;
  if (address === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

/** The address of the view with a change, for links. */
export function address(change: Partial<View>): string {
  return viewSearch({ ...view.value, ...change });
}

/** A plain click on a link changes the view; the browser handles a click that opens a new tab. */
export function follow(event: MouseEvent, change: Partial<View>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(change);
}

addEventListener("popstate", () => (view.value = parseView(location.search)));
