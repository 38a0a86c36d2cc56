// Announces changes to screen readers: which chart is shown and how it is sorted.

import { rows } from "../state/store";
import { chartSentence } from "./sentences";

export function Announcement() {
  return (
    <p class="hidden" role="status" id="announcement">
      {rows.value !== null && `${chartSentence()}.`}
    </p>
  );
}
