// Announces changes to screen readers: which page is shown; of a chart also how it is sorted.

import { view } from "../state/navigation";
import { pageName } from "../state/pages";
import { rows } from "../state/store";
import { chartSentence } from "./sentences";

export function Announcement() {
  return (
    <p class="hidden" role="status" id="announcement">
      {view.value.place === "chart" ? rows.value !== null && `${chartSentence()}.` : pageName.value}
    </p>
  );
}
