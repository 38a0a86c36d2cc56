// A part of the page whose code loads when it is first shown.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

import { words } from "../texts";

/** A component that `load` brings; until then nothing is shown, and a failure is said. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const loaded = signal<ComponentType<Props> | null>(null);
  const failed = signal(false);
  const bring = async () => {
    failed.value = false;
    try {
      loaded.value = await load();
    } catch {
      failed.value = true;
    }
  };
  return function Lazy(props: Props) {
    useEffect(() => {
      if (loaded.peek() === null) void bring();
    }, []);
    const Shown = loaded.value;
    if (Shown !== null) return <Shown {...props} />;
    return failed.value ? (
      <p class="quiet" role="alert">
        {words("part.failed")}{" "}
        <button type="button" class="button" onClick={() => void bring()}>
          {words("choose.again")}
        </button>{" "}
        {/* After a new build the script's address no longer exists; a reload keeps the view, which is in the page's address. */}
        <button type="button" class="button" onClick={() => location.reload()}>
          {words("choose.reload")}
        </button>
      </p>
    ) : null;
  };
}
