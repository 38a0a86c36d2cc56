// The controls of the chart's view: the filter of its rows, its order, the day, totals or gains.

import { show, view } from "../state/navigation";
import { columns, rows, shownRows, sortColumn, sortOrder } from "../state/store";
import { firstOrder } from "../state/view";
import { words } from "../texts";
import { Choice } from "./Choice";
import { DayPicker } from "./DayPicker";

export function Toolbar() {
  return (
    <div class="toolbar" role="group" aria-label={words("toolbar.what")}>
      <label class="filter">
        <span class="hidden">{words("toolbar.filterLabel")}</span>
        <input
          id="filter"
          type="search"
          placeholder={words("toolbar.filter")}
          autocomplete="off"
          spellcheck={false}
          value={view.value.q}
          onInput={(event) => show({ q: event.currentTarget.value }, { replace: true })}
        />
      </label>
      <Matches />
      <Sorting />
      <DayPicker />
      <Choice
        label={words("toolbar.counts")}
        name="counts"
        options={[
          ["total", words("toolbar.total")],
          [
            "gain",
            <>
              {words("toolbar.gain")}
              <span class="roomy"> {words("toolbar.inDays")}</span>
            </>,
          ],
        ]}
        value={view.value.counts}
        choose={(counts) => show({ counts })}
      />
    </div>
  );
}

/** Sorts cards, which have no heads. */
function Sorting() {
  const { sort } = sortColumn.value;
  const order = sortOrder.value;
  return (
    <div class="sorting">
      <label class="select">
        <span>{words("sorting.by")}</span>
        <select
          id="sort"
          value={sort}
          onChange={({ currentTarget: { value } }) => show({ sort: value, order: firstOrder(value) })}
        >
          {columns.value.map((column) => (
            <option key={column.sort} value={column.sort}>
              {column.name}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="button step"
        id="order"
        aria-label={words(order === "asc" ? "sorting.isAscending" : "sorting.isDescending")}
        onClick={() => show({ sort, order: order === "asc" ? "desc" : "asc" })}
      >
        {order === "asc" ? "↑" : "↓"}
      </button>
    </div>
  );
}

/** How many tracks match the filter, read out to screen readers too. */
function Matches() {
  const [all, shown] = [rows.value, shownRows.value];
  const text =
    all === null || shown === null || view.value.q.trim() === ""
      ? ""
      : words("toolbar.matches", { count: shown.length, all: all.length });
  return (
    <p class="matches" role="status" id="matches">
      {text}
    </p>
  );
}
