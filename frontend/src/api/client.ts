// Asking the API. Each path is asked for once and then kept: what was good stays, also when a later question fails or takes long.

import { signal, type Signal } from "@preact/signals";

/** After so many milliseconds without an answer the page says so. */
export const SLOW_AFTER = 10_000;
const GIVE_UP_AFTER = 60_000;
/** So many milliseconds after a failure it is asked again, a time longer each; then whenever all is asked for anew. */
const RETRY_AFTER = [5_000, 15_000, 45_000];

export type Trouble = "offline" | "unreachable" | "missing" | "failed";

/** What is known of one path. `data` is the last good answer; `stale` its age in seconds where the API itself says
 * it is old. */
export interface Known<T> {
  data: T | null;
  loading: boolean;
  slow: boolean;
  trouble: { kind: Trouble; message: string; nearest: readonly string[] } | null;
  stale: number | null;
  at: number;
}

const UNKNOWN: Known<never> = { data: null, loading: false, slow: false, trouble: null, stale: null, at: 0 };
const known = new Map<string, Signal<Known<unknown>>>();

/** The API's address: the one that the page's head names, else that of the page itself. */
export const API = (document.querySelector<HTMLMetaElement>('meta[name="tunemeld-api"]')?.content ?? "").replace(
  /\/+$/,
  "",
);

/** What is known of a path; the first to want it asks for it. */
export function wanted<T>(path: string): Signal<Known<T>> {
  let entry = known.get(path) as Signal<Known<T>> | undefined;
  if (entry === undefined) {
    entry = signal<Known<T>>(UNKNOWN);
    known.set(path, entry);
    void ask(path, entry);
  }
  return entry;
}

/** Asks again for whatever is not just being asked for: all that failed, and with `all` also what is there. */
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
  const tell = (change: Partial<Known<T>>) => {
    if (questions.get(entry) === question) entry.value = { ...entry.peek(), ...change };
  };
  tell({ loading: true, slow: false });
  const slow = setTimeout(() => tell({ slow: true }), SLOW_AFTER);
  const giveUp = setTimeout(() => question.abort(), GIVE_UP_AFTER);
  let wait = 0;
  try {
    const answer = await fetch(API + path, { signal: question.signal, headers: { Accept: "application/json" } });
    wait = 1000 * (Number(answer.headers.get("Retry-After")) || 0);
    tell({ ...(await read<T>(answer)), at: Date.now() });
  } catch {
    tell({ trouble: unreachable() });
  } finally {
    clearTimeout(slow);
    clearTimeout(giveUp);
    tell({ loading: false, slow: false });
  }
  if (questions.get(entry) === question) retry(path, entry, wait);
}

/** Asks for what failed once more after a while, and never sooner than the API wants. */
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
  const envelope = (await answer.json()) as { status: string; message: string; data: unknown };
  if (answer.ok && envelope.status === "success") {
    const age = answer.headers.get("X-TuneMeld-Stale") === "true" ? Number(answer.headers.get("X-TuneMeld-Age")) : null;
    return { data: envelope.data as T, trouble: null, stale: age };
  }
  const nearest = (envelope.data as { nearest?: string[] } | null)?.nearest ?? [];
  return { trouble: { kind: answer.status === 404 ? "missing" : "failed", message: envelope.message, nearest } };
}

function unreachable(): NonNullable<Known<unknown>["trouble"]> {
  const kind = navigator.onLine ? "unreachable" : "offline";
  return { kind, message: "", nearest: [] };
}
