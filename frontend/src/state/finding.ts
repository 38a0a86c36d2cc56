// A search over everything while it is typed: the API is asked when the visitor pauses, and what was found last stays until then.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { forget, wanted, type Known } from "../api/client";
import type { SearchResults } from "../api/types";
import { findings, searchPath, type Group } from "../chart/finding";
import { genres } from "./store";

/** Milliseconds without a letter after which the API is asked. */
const PAUSE = 120;
const NOTHING: Known<never> = { data: null, loading: false, slow: false, trouble: null, stale: null, at: 0 };

export interface Found {
  groups: readonly Group[];
  known: Known<SearchResults>;
  /** Whether the answer to these very words is there. */
  isCurrent: boolean;
}

/** What is found for a text, at most so many of each kind. */
export function useFound(text: string, most: number): Found {
  const path = searchPath(text);
  const asked = useSignal(path);
  const last = useRef<SearchResults | null>(null);
  useEffect(() => {
    if (path === asked.peek()) return;
    const wait = setTimeout(() => (asked.value = path), PAUSE);
    return () => clearTimeout(wait);
  }, [path]);
  useEffect(() => {
    const shown = asked.value;
    return () => {
      if (shown !== null) forget(shown);
    };
  }, [asked.value]);
  const known = asked.value === null ? NOTHING : wanted<SearchResults>(asked.value).value;
  last.current = path === null ? null : (known.data ?? last.current);
  return {
    groups: findings(text, genres.value.data ?? [], last.current, most),
    known,
    isCurrent: path === asked.value && !known.loading,
  };
}
