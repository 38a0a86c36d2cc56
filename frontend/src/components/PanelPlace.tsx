// The place where a track's panel opens. The panel's code, with the library that draws its chart, loads when the first panel opens.

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";

import { leave, view } from "../state/navigation";
import { withoutTrack } from "../state/store";
import { words } from "../texts";

const panel = signal<ComponentType<{ id: string }> | null>(null);
const failed = signal(false);

export function PanelPlace() {
  const { track } = view.value;
  if (track === null) return null;
  if (panel.value !== null) {
    const Panel = panel.value;
    return <Panel key={track} id={track} />;
  }
  if (!failed.value) void load();
  return failed.value ? (
    <div class="floating" role="alert">
      <p>
        {words("panel.failed")}{" "}
        <button type="button" class="button" onClick={() => (failed.value = false)}>
          {words("choose.again")}
        </button>
        {/* After a new build the script's address no longer exists; a reload keeps the view, which is in the page's address. */}
        <button type="button" class="button" onClick={() => location.reload()}>
          {words("choose.reload")}
        </button>
        <button type="button" class="button" onClick={() => leave(withoutTrack())}>
          {words("choose.close")}
        </button>
      </p>
    </div>
  ) : null;
}

async function load(): Promise<void> {
  try {
    const { TrackPanel } = await import("../panel/TrackPanel");
    panel.value = TrackPanel;
  } catch {
    failed.value = true;
  }
}
