// The chart as a table with sortable columns. Narrow screens show the same table as cards, hence the explicit roles.

import { classOf } from "../chart/services";
import { useEffect, useState } from "preact/hooks";

import { follow, show, view } from "../state/navigation";
import { play, playedRow, stop } from "../state/playing";
import { starred, toggleStar } from "../state/stars";
import {
  columns,
  counts,
  day,
  histories,
  shownRows,
  shownServices,
  sortColumn,
  sortOrder,
  trackChange,
} from "../state/store";
import { sortedBy } from "../state/view";
import { words } from "../texts";
import { ChartRow } from "./ChartRow";
import { chartSentence } from "./sentences";

/** With more columns of services than this, middling screens leave out the counts. */
const FEW = 6;

/**
 * With more rows, those out of sight are not laid out, or sorting would take seconds. A screen reader then gets what such a row holds
 * when it comes near.
 */
const LONG = 500;

/** Rows that are drawn at once, so that a chart of thousands appears as fast as one of fifty. */
const FIRST_ROWS = 60;
/** The fewest that follow in a step. */
const MORE_ROWS = 200;

export function ChartTable() {
  const services = shownServices.value;
  const shown = shownRows.value ?? [];
  const [sort, order] = [sortColumn.value.sort, sortOrder.value];
  const drawn = useGrowing(shown.length);
  const played = playedRow.value?.id;
  const many = services.listing.length + services.counting.length > FEW;
  return (
    <table
      class={["chart", many && "many", shown.length > LONG && "long"].filter(Boolean).join(" ")}
      role="table"
      id="chart-table"
      style={{
        "--lists": repeated(services.listing.length, "var(--list-width)"),
        "--counts": repeated(services.counting.length, "var(--count-width)"),
      }}
    >
      <caption class="hidden">{chartSentence()}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.value.map((column) => (
            <th
              key={column.sort}
              role="columnheader"
              scope="col"
              class={`col-${column.kind}${column.service ? ` ${classOf(column.service.service)}` : ""}`}
              aria-sort={column.sort !== sort ? "none" : order === "asc" ? "ascending" : "descending"}
            >
              <button
                type="button"
                title={words("sorting.byColumn", { column: column.name })}
                onClick={() => show(sortedBy({ ...view.peek(), sort, order }, column.sort))}
              >
                <span aria-hidden="true">{column.label}</span>
                <span class="hidden">{column.name}</span>
                <span class="arrow" aria-hidden="true">
                  {column.sort !== sort ? "" : order === "asc" ? "↑" : "↓"}
                </span>
              </button>
            </th>
          ))}
        </tr>
      </thead>
      {/* One for all rows, since thousands of them would each take their time. */}
      <tbody role="rowgroup" onClick={pressed}>
        {shown.slice(0, drawn).map((row) => (
          <ChartRow
            key={row.id}
            row={row}
            services={services}
            counts={counts.value}
            series={histories.value.get(row.id)}
            day={day.value}
            isPlayed={row.id === played}
            isStarred={starred.value.has(row.id)}
          />
        ))}
      </tbody>
    </table>
  );
}

/** How many of so many rows to draw: the first ones, and soon all of them; on paper all at once. */
function useGrowing(count: number): number {
  const [drawn, draw] = useState(FIRST_ROWS);
  useEffect(() => {
    const all = () => draw(Number.POSITIVE_INFINITY);
    addEventListener("beforeprint", all);
    return () => removeEventListener("beforeprint", all);
  }, []);
  useEffect(() => {
    if (drawn >= count) return;
    // Each step looks at all rows before, so steps of equal size would take the square of the rows.
    const next = setTimeout(() => draw(drawn + Math.max(MORE_ROWS, drawn / 2)));
    return () => clearTimeout(next);
  }, [drawn, count]);
  return drawn;
}

/** The cover plays the track, the star stars it, and the rest of the row opens it: its link lies over all but the cells that show a title. */
function pressed(event: MouseEvent): void {
  if (!(event.target instanceof Element) || event.target.closest("a:not(.track)")) return;
  const id = event.target.closest<HTMLElement>("tr")?.dataset.track;
  if (id === undefined) return;
  if (event.target.closest(".star")) star(id);
  else if (event.target.closest("button")) playOrStop(id);
  else follow(event, trackChange(id));
}

function star(id: string): void {
  const row = shownRows.peek()?.find((one) => one.id === id);
  if (row !== undefined) toggleStar(row);
}

function playOrStop(id: string): void {
  const around = shownRows.peek() ?? [];
  const row = around.find((one) => one.id === id);
  if (playedRow.peek()?.id === id) stop();
  else if (row !== undefined) play(row, around);
}

/** Columns of a grid; a space where there are none, since a custom property cannot be empty. */
function repeated(count: number, width: string): string {
  return count === 0 ? " " : `repeat(${count}, ${width})`;
}
