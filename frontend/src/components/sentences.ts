// Sentences that more than one part of the page needs.

import { dayText, writtenList } from "../chart/formatting";
import { counts, day, genreName, shownServices, sortColumn, sortOrder } from "../state/store";
import { words } from "../texts";

/** Which chart is shown and how it is sorted. */
export function chartSentence(): string {
  const genre = genreName.value;
  const sentence = words("sorting.sentence", {
    chart:
      day.value === null
        ? words("chart.title", { genre })
        : words("chart.titleOfDay", { genre, day: dayText(day.value) }),
    column: sortColumn.value.name,
    direction: words(sortOrder.value === "asc" ? "sorting.ascending" : "sorting.descending"),
  });
  return counts.value === "gain" ? `${sentence}, ${words("sorting.gains")}` : sentence;
}

/** The services of the shown chart, as a sentence lists them. */
export function servicesText(): string {
  return writtenList(shownServices.value.listing.map((one) => one.name));
}
