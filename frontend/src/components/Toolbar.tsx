// What changes the view of the chart: the search, total or gain.

import { show, view } from "../state/navigation";
import { rows, shownRows } from "../state/store";
import { plural } from "../chart/formatting";
import { Choice } from "./Choice";

export function Toolbar() {
  return (
    <div class="toolbar" role="search">
      <label class="search">
        <span class="hidden">Search title and artist</span>
        <input
          id="search"
          type="search"
          placeholder="Search title or artist"
          autocomplete="off"
          spellcheck={false}
          value={view.value.q}
          onInput={(event) => show({ q: event.currentTarget.value }, { replace: true })}
        />
      </label>
      <Choice
        label="Counts"
        name="counts"
        options={[
          ["total", "Total"],
          ["gain", "Gain in 7 days"],
        ]}
        value={view.value.counts}
        choose={(counts) => show({ counts })}
      />
      <Matches />
    </div>
  );
}

/** How many tracks the search leaves, also told to those who do not see the table. */
function Matches() {
  const [all, shown] = [rows.value, shownRows.value];
  const told =
    all === null || shown === null || view.value.q.trim() === ""
      ? ""
      : `${plural(shown.length, "track")} of ${all.length}`;
  return (
    <p class="matches" role="status" id="matches">
      {told}
    </p>
  );
}
