// Announces changes to screen readers: which chart is shown and how it is sorted.

import { dayText } from "../chart/formatting";
import { view } from "../state/navigation";
import { day, genreName, rows } from "../state/store";
import { COLUMNS } from "./columns";

export function Announcement() {
  const { sort, order, counts } = view.value;
  const column = COLUMNS.find((one) => one.sort === sort);
  const direction = order === "asc" ? "ascending" : "descending";
  const dated = day.value === null ? "" : ` for ${dayText(day.value)}`;
  return (
    <p class="hidden" role="status" id="announcement">
      {rows.value !== null &&
        `${genreName.value} chart${dated}, sorted by ${column?.name.toLowerCase() ?? sort}, ${direction}${counts === "gain" ? ", gains of seven days" : ""}.`}
    </p>
  );
}
