// A chart's columns: what each is called, how wide a choice it offers, and by what it sorts. Pure.

import type { Service } from "../api/types";
import type { Counts } from "../state/view";
import { words } from "../texts";
import { growth } from "./gains";
import type { Row } from "./rows";
import { unitOf, type ChartServices } from "./services";

export type Key = number | string | null;

/** `sort` is the column's name in the address, `label` the text in its head, `name` the full name. */
export interface Column {
  sort: string;
  kind: "rank" | "movement" | "title" | "artist" | "peak" | "weeks" | "position" | "count" | "trend";
  label: string;
  name: string;
  service?: Service;
  value: (row: Row, counts: Counts) => Key;
}

const RANK: Column = { sort: "rank", kind: "rank", label: "#", name: words("column.rank"), value: (row) => row.rank };

const FIRST: readonly Column[] = [
  RANK,
  {
    sort: "movement",
    kind: "movement",
    label: words("column.movementShort"),
    name: words("column.movement"),
    value: movementKey,
  },
  {
    sort: "title",
    kind: "title",
    label: words("column.title"),
    name: words("column.title"),
    value: (row) => row.title,
  },
  {
    sort: "artist",
    kind: "artist",
    label: words("column.artist"),
    name: words("column.artist"),
    value: (row) => row.artist || null,
  },
  {
    sort: "peak",
    kind: "peak",
    label: words("column.peakShort"),
    name: words("column.peak"),
    value: (row) => row.peak,
  },
  {
    sort: "weeks",
    kind: "weeks",
    label: words("column.weeksShort"),
    name: words("column.weeks"),
    value: (row) => row.weeks,
  },
];

const TREND: Column = {
  sort: "trend",
  kind: "trend",
  label: words("column.trendShort"),
  name: words("column.trend"),
  value: growth,
};

/** The columns of a chart with these services. */
export function columnsOf({ listing, counting }: ChartServices): readonly Column[] {
  return [
    ...FIRST,
    ...listing.map(positionColumn),
    ...counting.map(countColumn),
    ...(counting.length > 0 ? [TREND] : []),
  ];
}

/** The column that the address names, by the beginning of a service's key too, or that of the rank. */
export function sortedColumn(columns: readonly Column[], sort: string): Column {
  const [begin, end] = sort.split("-");
  const found =
    columns.find((one) => one.sort === sort) ??
    columns.find((one) => end === "position" && one.kind === end && one.sort.startsWith(begin ?? sort));
  return found ?? RANK;
}

function positionColumn(service: Service): Column {
  const key = service.service;
  return {
    sort: `${key.toLowerCase()}-position`,
    kind: "position",
    label: service.name,
    name: words("column.position", { service: service.name }),
    service,
    value: (row) => row.positions[key] ?? null,
  };
}

function countColumn(service: Service): Column {
  const key = service.service;
  const name = words("column.count", { service: service.name, unit: unitOf(service) });
  return {
    sort: key.toLowerCase(),
    kind: "count",
    label: name,
    name,
    service,
    value: (row, counts) => (counts === "gain" ? row.gains : row.totals)[key] ?? null,
  };
}

/** New entries rank above every climb, re-entries right below them. */
function movementKey(row: Row): Key {
  if (row.status === "new") return 1e9;
  if (row.status === "re") return 1e8;
  return row.movement;
}
