// One row of the chart. It is redrawn only when its own data change, so sorting 300 rows only moves them. Its parts are functions and not
// components, and its presses are ChartTable's, so that thousands of rows are made quickly.

import { Component } from "preact";

import type { Service } from "../api/types";
import { dayText, growthText, shortCount, shortGain } from "../chart/formatting";
import { growth, growthOn } from "../chart/gains";
import type { Row } from "../chart/rows";
import type { Series } from "../chart/series";
import { classOf, unitOf, type ChartServices } from "../chart/services";
import { hasPlayer } from "../state/playing";
import { trackAddress } from "../state/store";
import type { Counts } from "../state/view";
import { words } from "../texts";
import { Cover } from "./Cover";
import { Movement } from "./Movement";
import { PlayButton } from "./PlayCover";
import { Sparkline } from "./Sparkline";
import { RowStar } from "./Star";

interface Props {
  row: Row;
  services: ChartServices;
  counts: Counts;
  series: Series | undefined;
  /** The past day of the chart, or null for the current chart. */
  day: string | null;
  isPlayed: boolean;
  isStarred: boolean;
}

export class ChartRow extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const { row, services, counts, series, day, isPlayed, isStarred } = this.props;
    return (
      next.row !== row ||
      next.services !== services ||
      next.counts !== counts ||
      next.series !== series ||
      next.day !== day ||
      next.isPlayed !== isPlayed ||
      next.isStarred !== isStarred
    );
  }

  override render({ row, services, counts, series, day, isPlayed, isStarred }: Props) {
    return (
      <tr role="row" data-track={row.id}>
        <td role="cell" class="col-rank">
          {row.rank}
        </td>
        <td role="cell" class="col-movement">
          {Movement({ row })}
        </td>
        <th role="rowheader" scope="row" class="col-title">
          <span class="title-cell">
            {playCover(row, isPlayed)}
            <a class="track" href={trackAddress(row.id)} title={row.title} dir="auto">
              {row.title}
            </a>
            {RowStar({ title: row.title, isStarred })}
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
            {position(row, service)}
          </td>
        ))}
        {services.counting.map((service) => counted(row, service, counts))}
        {services.counting.length > 0 && (
          <td role="cell" class="col-trend" title={growthParts(row, services.counting)}>
            <span class="trend-cell">
              {series && Sparkline({ series, sources: services.counting, until: day })}
              {grown(row)}
            </span>
          </td>
        )}
      </tr>
    );
  }
}

function playCover(row: Row, isPlayed: boolean) {
  const cover = <Cover address={row.cover} title={row.title} size={48} />;
  return hasPlayer(row) ? (
    PlayButton({ title: row.title, isPlayed, children: cover })
  ) : (
    <span class="play-cover">{cover}</span>
  );
}

function position(row: Row, { service: key, name }: Service) {
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

function counted(row: Row, service: Service, counts: Counts) {
  const count = (counts === "gain" ? row.gains : row.totals)[service.service] ?? null;
  return (
    <td
      key={service.service}
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
      {aligned(counts === "gain" ? shortGain(count) : shortCount(count))}
    </td>
  );
}

/** A number whose decimals stand below those of the other rows: what follows them has a width of its own. */
function aligned(text: string) {
  const [, number = text, unit = ""] = /^(.*?)(\s?\p{L}*\.?)$/su.exec(text) ?? [];
  return (
    <>
      {number}
      <span class="unit">{unit}</span>
    </>
  );
}

function grown(row: Row) {
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
