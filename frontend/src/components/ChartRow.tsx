// One row of the chart. It is redrawn only when its own data change, so sorting 300 rows only moves them.

import { Component } from "preact";

import type { Service } from "../api/types";
import { dayText, growthText, shortCount, shortGain } from "../chart/formatting";
import { growth, growthOn } from "../chart/gains";
import type { Row } from "../chart/rows";
import type { Series } from "../chart/series";
import { classOf, unitOf, type ChartServices } from "../chart/services";
import { follow } from "../state/navigation";
import { shownRows, trackAddress, trackChange } from "../state/store";
import type { Counts } from "../state/view";
import { words } from "../texts";
import { Movement } from "./Movement";
import { PlayCover } from "./PlayCover";
import { Sparkline } from "./Sparkline";

const shown = () => shownRows.peek() ?? [];

interface Props {
  row: Row;
  services: ChartServices;
  counts: Counts;
  series: Series | undefined;
  /** The past day of the chart, or null for the current chart. */
  day: string | null;
}

export class ChartRow extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const { row, services, counts, series, day } = this.props;
    return (
      next.row !== row ||
      next.services !== services ||
      next.counts !== counts ||
      next.series !== series ||
      next.day !== day
    );
  }

  override render({ row, services, counts, series, day }: Props) {
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
            <PlayCover row={row} size={48} around={shown} />
            <a
              class="track"
              href={trackAddress(row.id)}
              title={row.title}
              onClick={(event) => follow(event, trackChange(row.id))}
              dir="auto"
            >
              {row.title}
            </a>
          </span>
        </th>
        <td role="cell" class="col-artist">
          <span class="artist" title={row.artist} dir="auto">
            {row.artist}
          </span>
        </td>
        <td
          role="cell"
          class="col-peak"
          title={row.peakDate === null ? undefined : words("row.since", { day: dayText(row.peakDate) })}
        >
          {row.peak ?? "–"}
        </td>
        <td role="cell" class="col-weeks">
          {row.weeks ?? "–"}
        </td>
        {services.listing.map((service) => (
          <td key={service.service} role="cell" class="col-position">
            <Position row={row} service={service} />
          </td>
        ))}
        {services.counting.map((service) => (
          <Count key={service.service} row={row} service={service} counts={counts} />
        ))}
        {services.counting.length > 0 && (
          <td role="cell" class="col-trend" title={growthParts(row, services.counting)}>
            <span class="trend-cell">
              {series && <Sparkline series={series} sources={services.counting} until={day} />}
              <Growth row={row} />
            </span>
          </td>
        )}
      </tr>
    );
  }
}

function Position({ row, service }: { row: Row; service: Service }) {
  const { service: key, name } = service;
  const position = row.positions[key];
  if (position === undefined) return <span class="unlisted">–</span>;
  const link = row.links[key];
  return link === undefined ? (
    <span class={`badge ${classOf(key)}`} title={words("place.number", { service: name, position })}>
      {position}
    </span>
  ) : (
    <a
      class={`badge ${classOf(key)}`}
      href={link}
      target="_blank"
      rel="noopener noreferrer"
      title={words("place.number", { service: name, position })}
      aria-label={words("place.opens", { service: name, position })}
    >
      {position}
    </a>
  );
}

function Count({ row, service, counts }: { row: Row; service: Service; counts: Counts }) {
  const count = (counts === "gain" ? row.gains : row.totals)[service.service] ?? null;
  return (
    <td
      role="cell"
      class={`col-count ${classOf(service.service)}`}
      title={
        count === null
          ? words("row.notCounted", { service: service.name })
          : words(counts === "gain" ? "row.gained" : "row.counted", {
              count,
              unit: unitOf(service),
              service: service.name,
            })
      }
    >
      <Aligned text={counts === "gain" ? shortGain(count) : shortCount(count)} />
    </td>
  );
}

/** A number whose decimals stand below those of the other rows: what follows them has a width of its own. */
function Aligned({ text }: { text: string }) {
  const [, number = text, unit = ""] = /^(.*?)(\p{L}*)$/su.exec(text) ?? [];
  return (
    <>
      {number}
      <span class="unit">{unit}</span>
    </>
  );
}

function Growth({ row }: { row: Row }) {
  const value = growth(row);
  return value === null ? null : <span class="growth">{growthText(value)}</span>;
}

/** What each source adds to the trend. */
function growthParts(row: Row, sources: readonly Service[]): string | undefined {
  const parts = sources.flatMap((source) => {
    const value = growthOn(row, source.service);
    return value === null ? [] : [`${source.name} ${growthText(value)}`];
  });
  return parts.length === 0 ? undefined : words("row.inDays", { parts: parts.join(", ") });
}
