// How the chart is made, for a first visit; docs/consensus.md has the full account.

import { onlyService } from "../state/store";
import { words } from "../texts";
import { servicesText } from "./sentences";

export function Making() {
  const alone = onlyService.value;
  return (
    <details class="making" id="making">
      <summary>{words("making.title")}</summary>
      {alone !== null ? (
        <p>{words("making.alone", { service: alone.name })}</p>
      ) : (
        <p>{words("making.consensus", { services: servicesText() })}</p>
      )}
      <dl>
        <div>
          <dt>{words("column.movementShort")}</dt>
          <dd>{words("making.movement")}</dd>
        </div>
        <div>
          <dt>{words("making.peakAndWeeks")}</dt>
          <dd>{words("making.peak")}</dd>
        </div>
        <div>
          <dt>{words("column.trendShort")}</dt>
          <dd>{words("making.trend")}</dd>
        </div>
      </dl>
    </details>
  );
}
