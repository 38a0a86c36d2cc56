// The chart as a table whose columns sort it. On narrow screens the same table is laid out as cards, hence the explicit roles.

import type { Service } from "../api/types";
import { dayText } from "../chart/formatting";
import { show, view } from "../state/navigation";
import { counts, genreName, histories, shownRows } from "../state/store";
import { sortedBy, type Sort } from "../state/view";
import { ChartRow } from "./ChartRow";

interface Column {
  sort: Sort;
  label: string;
  name: string;
  service?: Service | "Youtube";
  current?: true;
}

const COLUMNS: readonly Column[] = [
  { sort: "rank", label: "#", name: "Rank" },
  { sort: "movement", label: "Move", name: "Movement", current: true },
  { sort: "title", label: "Title", name: "Title" },
  { sort: "artist", label: "Artist", name: "Artist" },
  { sort: "peak", label: "Peak", name: "Peak", current: true },
  { sort: "weeks", label: "Weeks", name: "Weeks on the chart", current: true },
  { sort: "spotify-position", label: "Spotify", name: "Position on Spotify", service: "Spotify" },
  { sort: "apple-position", label: "Apple", name: "Position on Apple Music", service: "AppleMusic" },
  { sort: "soundcloud-position", label: "SoundCloud", name: "Position on SoundCloud", service: "SoundCloud" },
  { sort: "youtube", label: "YouTube", name: "YouTube views", service: "Youtube" },
  { sort: "spotify", label: "Spotify", name: "Spotify plays", service: "Spotify" },
  { sort: "trend", label: "Trend", name: "Growth in 7 days" },
];

export function ChartTable() {
  const { sort, order, date } = view.value;
  const shown = shownRows.value ?? [];
  const columns = COLUMNS.filter((column) => date === null || !column.current);
  return (
    <table class={date === null ? "chart" : "chart past"} role="table" id="chart-table">
      <caption class="hidden">
        {genreName.value} chart{date === null ? "" : ` of ${dayText(date)}`}, sorted by{" "}
        {COLUMNS.find((column) => column.sort === sort)?.name.toLowerCase()},{" "}
        {order === "asc" ? "ascending" : "descending"}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
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
          <ChartRow
            key={row.id}
            row={row}
            counts={counts.value}
            series={histories.value.get(row.id)}
            past={date !== null}
          />
        ))}
      </tbody>
    </table>
  );
}
