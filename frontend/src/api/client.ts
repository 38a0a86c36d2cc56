// Requests to the API. Each path is fetched once and then kept: a good answer stays on the page even when a later request fails or is slow.
// What the server wrote into the page is not fetched again.

import { signal, type Signal } from "@preact/signals";

import type { Problem } from "./types";

/** Milliseconds without an answer after which the page says so. */
export const SLOW_AFTER = 10_000;
const GIVE_UP_AFTER = 60_000;
/** Milliseconds to wait before each retry after a failure. After the last one, the next general refresh tries again. */
const RETRY_AFTER = [5_000, 15_000, 45_000];

export type Trouble = "offline" | "unreachable" | "missing" | "failed";

/** What the page knows about one path. `data` is the last good answer; `stale` is its age in seconds if the API itself
 * says that it is old. */
export interface Known<T> {
  data: T | null;
  loading: boolean;
  slow: boolean;
  trouble: { kind: Trouble; nearest: readonly string[] } | null;
  stale: number | null;
  at: number;
}

const UNKNOWN: Known<never> = { data: null, loading: false, slow: false, trouble: null, stale: null, at: 0 };
const known = new Map<string, Signal<Known<unknown>>>();

/** The API's address: the one in the page's head, otherwise the page's own. */
export const API = (document.querySelector<HTMLMetaElement>('meta[name="tunemeld-api"]')?.content ?? "").replace(
  /\/+$/,
  "",
);

/** The answers that the server wrote into the page, all of them fresh then. */
export const WRITTEN = written();

function written(): Partial<Record<string, unknown>> {
  const text = document.getElementById("tunemeld-answers")?.textContent;
  return text ? (JSON.parse(text) as Partial<Record<string, unknown>>) : {};
}

/** A browser that goes back to a page shows it as it was, however long ago. */
function isRevisited(): boolean {
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return visit?.type === "back_forward";
}

/** What the page knows about a path. The first call for a path sends the request. */
export function wanted<T>(path: string): Signal<Known<T>> {
  let entry = known.get(path) as Signal<Known<T>> | undefined;
  if (entry === undefined) {
    const written = WRITTEN[path] as T | undefined;
    entry = signal<Known<T>>(written === undefined ? UNKNOWN : { ...UNKNOWN, data: written, at: Date.now() });
    known.set(path, entry);
    if (written === undefined || isRevisited()) void ask(path, entry);
  }
  return entry;
}

/** Drops a path that nobody looks at any more, and the request for it. */
export function forget(path: string): void {
  const entry = known.get(path);
  if (entry === undefined) return;
  questions.get(entry)?.abort();
  questions.delete(entry);
  known.delete(path);
}

/** Sends requests again, except those still under way: the ones that failed, and with `all` also the ones that succeeded. */
export function askAgain({ all = false, olderThan = 0 } = {}): void {
  const now = Date.now();
  for (const [path, entry] of known) {
    const { loading, slow, trouble, at } = entry.peek();
    const due = trouble !== null || slow || (all && now - at >= olderThan);
    if (due && (!loading || slow)) void ask(path, entry);
  }
}

const questions = new WeakMap<Signal<Known<unknown>>, AbortController>();
const failures = new WeakMap<Signal<Known<unknown>>, number>();

async function ask<T>(path: string, entry: Signal<Known<T>>): Promise<void> {
  questions.get(entry)?.abort();
  const question = new AbortController();
  questions.set(entry, question);
  const update = (change: Partial<Known<T>>) => {
    if (questions.get(entry) === question) entry.value = { ...entry.peek(), ...change };
  };
  update({ loading: true, slow: false });
  const slow = setTimeout(() => update({ slow: true }), SLOW_AFTER);
  const giveUp = setTimeout(() => question.abort(), GIVE_UP_AFTER);
  let wait = 0;
  try {
    const answer = await fetch(API + path, { signal: question.signal, headers: { Accept: "application/json" } });
    wait = 1000 * (Number(answer.headers.get("Retry-After")) || 0);
    update({ ...(await read<T>(answer)), at: Date.now() });
  } catch {
    update({ trouble: unreachable() });
  } finally {
    clearTimeout(slow);
    clearTimeout(giveUp);
    update({ loading: false, slow: false });
  }
  if (questions.get(entry) === question) retry(path, entry, wait);
}

/** Retries a failed path after a while, never sooner than the API's Retry-After allows. */
function retry<T>(path: string, entry: Signal<Known<T>>, wait: number): void {
  const { trouble } = entry.peek();
  if (trouble === null || trouble.kind === "missing") {
    failures.delete(entry);
    return;
  }
  const count = failures.get(entry) ?? 0;
  failures.set(entry, count + 1);
  const after = RETRY_AFTER[count];
  if (after === undefined) return;
  setTimeout(
    () => {
      const { trouble, loading } = entry.peek();
      if (trouble !== null && !loading) void ask(path, entry);
    },
    Math.max(after, wait),
  );
}

async function read<T>(answer: Response): Promise<Partial<Known<T>>> {
  const body = (await answer.json()) as unknown;
  if (answer.ok) {
    // What the service worker kept, since the server could not be asked.
    if (answer.headers.has("X-TuneMeld-Kept")) return { data: body as T, trouble: unreachable(), stale: null };
    const age = answer.headers.get("X-TuneMeld-Stale") === "true" ? Number(answer.headers.get("X-TuneMeld-Age")) : null;
    return { data: body as T, trouble: null, stale: age };
  }
  const nearest = (body as Partial<Problem> | null)?.nearest ?? [];
  return { trouble: { kind: answer.status === 404 ? "missing" : "failed", nearest } };
}

function unreachable(): NonNullable<Known<unknown>["trouble"]> {
  return { kind: navigator.onLine ? "unreachable" : "offline", nearest: [] };
}
