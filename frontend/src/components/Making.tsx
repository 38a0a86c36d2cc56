// How the chart is made, for a first visit; docs/consensus.md has the full account.

import { onlyService } from "../state/store";
import { servicesText } from "./sentences";

export function Making() {
  const alone = onlyService.value;
  return (
    <details class="making" id="making">
      <summary>How this chart is made</summary>
      {alone !== null ? (
        <p>
          This is {alone.name}’s list in its own order, since no other service is read for this genre. A consensus needs
          two: then a track makes the chart when at least two services list it.
        </p>
      ) : (
        <p>
          Every day we compare the lists that the editors of {servicesText()} make for a genre. A track makes the chart
          when at least two of them list it. The higher a service’s editors place it, the more it counts, and each
          further list adds to that. If we can’t fetch a list, its last known version counts, with less weight.
        </p>
      )}
      <dl>
        <div>
          <dt>Move</dt>
          <dd>Places gained or lost in seven days. NEW: never on the chart before. RE: back on the chart.</dd>
        </div>
        <div>
          <dt>Peak, Weeks</dt>
          <dd>The best rank so far, and the number of weeks on the chart. A week starts on Saturday.</dd>
        </div>
        <div>
          <dt>Trend</dt>
          <dd>How much plays and views grew in seven days. They don’t affect the rank.</dd>
        </div>
      </dl>
    </details>
  );
}
