// Sentences that more than one part of the page needs.

import { dayText, writtenList } from "../chart/formatting";
import { counts, day, genreName, shownServices, sortColumn, sortOrder } from "../state/store";

/** Which chart is shown and how it is sorted. */
export function chartSentence(): string {
  const dated = day.value === null ? "" : ` for ${dayText(day.value)}`;
  const { name, service } = sortColumn.value;
  // The names of services keep their capitals.
  const column = service === undefined ? name.toLowerCase() : name.replace("Position", "position");
  const direction = sortOrder.value === "asc" ? "ascending" : "descending";
  const gains = counts.value === "gain" ? ", gains of seven days" : "";
  return `${genreName.value} chart${dated}, sorted by ${column}, ${direction}${gains}`;
}

/** The services of the shown chart, as a sentence lists them. */
export function servicesText(): string {
  return writtenList(shownServices.value.listing.map((one) => one.name));
}
