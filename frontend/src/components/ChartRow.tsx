// One row of the chart. It is redrawn only when its own data change, so sorting 300 rows only moves them.

import { Component } from "preact";

import { NAMES, SERVICES, type Service, type Source } from "../api/types";
import { dayText, fullCount, growthText, shortCount, shortGain } from "../chart/formatting";
import { growth } from "../chart/gains";
import type { Row } from "../chart/rows";
import type { Series } from "../chart/series";
import { follow } from "../state/navigation";
import { trackAddress, trackChange } from "../state/store";
import type { Counts } from "../state/view";
import { Cover } from "./Cover";
import { Movement } from "./Movement";
import { Sparkline } from "./Sparkline";

interface Props {
  row: Row;
  counts: Counts;
  series: Series | undefined;
  /** The past day of the chart, or null for the current chart. */
  day: string | null;
}

const POSITION_COLUMNS: Record<Service, string> = {
  Spotify: "spotify-position",
  AppleMusic: "apple-position",
  SoundCloud: "soundcloud-position",
};

export class ChartRow extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const { row, counts, series, day } = this.props;
    return next.row !== row || next.counts !== counts || next.series !== series || next.day !== day;
  }

  override render({ row, counts, series, day }: Props) {
    return (
      <tr role="row" data-track={row.id}>
        <td role="cell" class="col-rank">
          {row.rank}
        </td>
        <td role="cell" class="col-movement">
          <Movement row={row} />
        </td>
        <th role="rowheader" scope="row" class="col-title">
          <span class="title-cell">
            <Cover address={row.cover} title={row.title} size={48} />
            <a
              class="track"
              href={trackAddress(row.id)}
              onClick={(event) => follow(event, trackChange(row.id))}
              dir="auto"
            >
              {row.title}
            </a>
          </span>
        </th>
        <td role="cell" class="col-artist">
          <span class="artist" dir="auto">
            {row.artist}
          </span>
        </td>
        <td role="cell" class="col-peak" title={row.peakDate === null ? undefined : `since ${dayText(row.peakDate)}`}>
          {row.peak ?? "–"}
        </td>
        <td role="cell" class="col-weeks">
          {row.weeks ?? "–"}
        </td>
        {SERVICES.map((service) => (
          <td key={service} role="cell" class={`col-position col-${POSITION_COLUMNS[service]}`}>
            <Position row={row} service={service} />
          </td>
        ))}
        <Count row={row} source="Youtube" counts={counts} />
        <Count row={row} source="Spotify" counts={counts} />
        <td role="cell" class="col-trend">
          <span class="trend-cell">
            {series && <Sparkline series={series} until={day} />}
            <Growth row={row} />
          </span>
        </td>
      </tr>
    );
  }
}

function Position({ row, service }: { row: Row; service: Service }) {
  const position = row.positions[service];
  if (position === undefined) return <span class="unlisted">–</span>;
  const link = row.links[service];
  const said = `${NAMES[service]}: number ${position}`;
  return link === undefined ? (
    <span class={`badge ${service}`} title={said}>
      {position}
    </span>
  ) : (
    <a
      class={`badge ${service}`}
      href={link}
      target="_blank"
      rel="noopener noreferrer"
      title={said}
      aria-label={`${said}, opens on ${NAMES[service]}`}
    >
      {position}
    </a>
  );
}

function Count({ row, source, counts }: { row: Row; source: Source; counts: Counts }) {
  const count = counts === "gain" ? row.gains[source] : row.totals[source];
  return (
    <td
      role="cell"
      class={`col-count col-${source.toLowerCase()}`}
      title={count === null ? "Not counted yet" : fullCount(count)}
    >
      <i class={`dot ${source}`} aria-hidden="true" />
      {counts === "gain" ? shortGain(count) : shortCount(count)}
    </td>
  );
}

function Growth({ row }: { row: Row }) {
  const value = growth(row);
  return value === null ? null : <span class="growth">{growthText(value)}</span>;
}
