// The chart as a table with sortable columns. Narrow screens show the same table as cards, hence the explicit roles.

import { useEffect, useRef } from "preact/hooks";

import { dayText } from "../chart/formatting";
import { show, view } from "../state/navigation";
import { counts, day, genreName, histories, shownRows } from "../state/store";
import { sortedBy } from "../state/view";
import { ChartRow } from "./ChartRow";
import { COLUMNS } from "./columns";
import { bringIntoSight } from "./strips";

export function ChartTable() {
  const { sort, order } = view.value;
  const date = day.value;
  const shown = shownRows.value ?? [];
  const heads = useRef<HTMLTableSectionElement>(null);
  useEffect(() => bringIntoSight(heads.current, "[aria-sort$=ending]"), [sort]);
  return (
    <table class="chart" role="table" id="chart-table">
      <caption class="hidden">
        {genreName.value} chart{date === null ? "" : ` for ${dayText(date)}`}, sorted by{" "}
        {COLUMNS.find((column) => column.sort === sort)?.name.toLowerCase()},{" "}
        {order === "asc" ? "ascending" : "descending"}
      </caption>
      <thead ref={heads} role="rowgroup">
        <tr role="row">
          {COLUMNS.map((column) => (
            <th
              key={column.sort}
              role="columnheader"
              scope="col"
              class={`col-${column.sort}`}
              aria-sort={column.sort !== sort ? "none" : order === "asc" ? "ascending" : "descending"}
            >
              <button
                type="button"
                title={`Sort by ${column.name.toLowerCase()}`}
                onClick={() => show(sortedBy(view.peek(), column.sort))}
              >
                {column.service && <i class={`dot ${column.service}`} aria-hidden="true" />}
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
      <tbody role="rowgroup">
        {shown.map((row) => (
          <ChartRow key={row.id} row={row} counts={counts.value} series={histories.value.get(row.id)} day={date} />
        ))}
      </tbody>
    </table>
  );
}
