// The view and the browser's history: each change of what is looked at is a step back, but for letters typed into the search.

import { signal } from "@preact/signals";

import { parseView, viewSearch, type View } from "./view";

export const view = signal<View>(parseView(location.search));

/** Shows something else, and keeps the address right. `replace` adds no step to the history. */
export function show(change: Partial<View>, { replace = false } = {}): void {
  const next = { ...view.peek(), ...change };
  const address = location.pathname + viewSearch(next);
  view.value = next;
  if (address === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
}

/** The address that shows something else, for links. */
export function address(change: Partial<View>): string {
  return viewSearch({ ...view.value, ...change });
}

/** A click on a link within the page changes the view; one that asks for a new tab is the browser's. */
export function follow(event: MouseEvent, change: Partial<View>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(change);
}

addEventListener("popstate", () => (view.value = parseView(location.search)));
