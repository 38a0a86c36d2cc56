// The view and the browser's history. Every change of the view adds a step to the history, except letters typed into the search, and
// except what closes a panel: that goes back to before it was opened.

import { signal } from "@preact/signals";

import { parseView, TODAY, viewAddress, type Place, type View } from "./view";

/** Whether the server answers each page under a path of its own; a static host has one page, and its addresses a query alone. */
export const HAS_PATHS = document.querySelector('meta[name="tunemeld-paths"]') !== null;

export const view = signal<View>(addressed());

function addressed(): View {
  return parseView(HAS_PATHS ? location.pathname : "/", location.search);
}

/** What the page notes of a step in the history: that it opened a panel over the step before. */
interface Step {
  opened?: boolean;
}

/** Changes the view and updates the address. `replace` adds no step to the history. */
export function show(change: Partial<View>, { replace = false } = {}): void {
  const before = view.peek();
  const next = { ...before, ...change };
  const opened = next.track !== null && before.track === null;
  view.value = next;
  const to = new URL(addressOf(next), location.href);
  if (to.href !== location.href.replace(/#.*/, "")) {
    if (replace) history.replaceState(history.state, "", to);
    else history.pushState({ opened } satisfies Step, "", to);
  }
  if (before.place !== next.place || before.id !== next.id) arriving.value = true;
}

/** Whether the visitor has followed a link to another page, which is not drawn yet. */
export const arriving = signal(false);

/** Leaves an open panel: back to the step that opened it, or, for a visitor who came by its address, on to the chart. */
export function leave(change: Partial<View>): void {
  if ((history.state as Step | null)?.opened) history.back();
  else show(change, { replace: true });
}

/** The address of a view. */
export function addressOf(one: View): string {
  return viewAddress(one, HAS_PATHS);
}

/** The address of the view with a change, for links. */
export function address(change: Partial<View>): string {
  return addressOf({ ...view.value, ...change });
}

/** The change that leads to another page, and leaves behind what belongs to this one alone. */
export function elsewhere(place: Place, more: Partial<View> = {}): View {
  return { ...TODAY, place, ...more };
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

addEventListener("popstate", () => (view.value = addressed()));
