// What is worth knowing today, as the page shows it: each recording with what happened to it, in words. Pure.

import type { Service, TodayAnswer, TodayRow } from "../api/types";
import { words } from "../texts";
import { writtenList } from "./formatting";
import { webAddress } from "./links";
import type { Playable } from "./players";
import { linksOf, UNNAMED, type ByService } from "./rows";

/** A recording on one genre's chart, or just gone from it. `said` is what happened to it there. */
export interface TodayItem extends Playable {
  genre: string;
  positions: ByService<number>;
  said: string;
}

export interface TodayShown {
  agreed: readonly TodayItem[];
  fresh: readonly TodayItem[];
  climbers: readonly TodayItem[];
  leavers: readonly TodayItem[];
  disputed: readonly TodayItem[];
  /** The newest day of any genre; null if no genre has a chart. */
  date: string | null;
  /** Whether there is a genre with an earlier day, so that something can be new or gone. */
  hasBefore: boolean;
  /** Whether two services' lists are compared in any genre, so that editors can agree. */
  isConsensus: boolean;
}

/** The answer as it is shown; `services` are all that the API describes. */
export function todayShown(answer: TodayAnswer, services: readonly Service[]): TodayShown {
  const name = (key: string) => answer.genres.find((one) => one.genre === key)?.name ?? key;
  const place = (row: TodayRow) => ({
    rank: row.rank ?? 0,
    before: row.previous_rank ?? 0,
    places: row.movement ?? 0,
    genre: name(row.genre),
  });
  const items = (rows: readonly TodayRow[], said: (row: TodayRow) => string) => {
    const seen = new Set<string>();
    return rows.flatMap((row) => {
      if (seen.has(row.track_id)) return [];
      seen.add(row.track_id);
      return [item(row, said(row))];
    });
  };
  const isConsensus = answer.genres.some((one) => one.agreement !== null);
  return {
    agreed: items(answer.most_agreed, (row) => words("today.ranked", place(row))),
    fresh: items(answer.new, (row) => words(row.status === "re" ? "today.back" : "today.newAt", place(row))),
    climbers: items(answer.climbers, (row) => words("today.climbed", place(row))),
    leavers: items(answer.leavers, (row) =>
      words("today.left", { rank: row.previous_rank ?? 0, genre: name(row.genre) }),
    ),
    disputed: isConsensus ? items(answer.disputed, (row) => disputeText(row, services, name(row.genre))) : [],
    date: answer.genres.map((one) => one.date).reduce((latest, one) => (one > latest ? one : latest), "") || null,
    hasBefore: answer.genres.some((one) => one.compared_with !== null),
    isConsensus,
  };
}

function item(row: TodayRow, said: string): TodayItem {
  return {
    id: row.track_id,
    title: row.title?.trim() || UNNAMED,
    artist: row.artist?.trim() ?? "",
    cover: webAddress(row.cover_url),
    links: linksOf(row.urls, null, []),
    rank: row.rank,
    genre: row.genre,
    positions: row.positions,
    said,
  };
}

/** "Number 2 on One and 31 on Two, not on Three, in Pop": the services of the genre that list a recording, the highest first, and those that do not. */
export function disputeText({ positions, not_on }: TodayRow, services: readonly Service[], genre: string): string {
  const named = (key: string) => services.find((one) => one.service === key)?.name ?? key;
  const listed = Object.entries(positions).sort(([, one], [, other]) => one - other);
  const places = writtenList(
    listed.map(([service, position]) => words("today.disputedPlace", { position, service: named(service) })),
  );
  const others = writtenList(not_on.map(named));
  return others === ""
    ? words("today.disputedSaid", { places, genre })
    : words("today.disputedSaidNotOn", { places, others, genre });
}
