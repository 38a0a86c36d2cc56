// A chart's columns: what each is called, how wide a choice it offers, and by what it sorts. Pure.

import type { Service } from "../api/types";
import type { Counts } from "../state/view";
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

const RANK: Column = { sort: "rank", kind: "rank", label: "#", name: "Rank", value: (row) => row.rank };

const FIRST: readonly Column[] = [
  RANK,
  { sort: "movement", kind: "movement", label: "Move", name: "Movement", value: movementKey },
  { sort: "title", kind: "title", label: "Title", name: "Title", value: (row) => row.title },
  { sort: "artist", kind: "artist", label: "Artist", name: "Artist", value: (row) => row.artist || null },
  { sort: "peak", kind: "peak", label: "Peak", name: "Peak", value: (row) => row.peak },
  { sort: "weeks", kind: "weeks", label: "Weeks", name: "Weeks on the chart", value: (row) => row.weeks },
];

const TREND: Column = { sort: "trend", kind: "trend", label: "Trend", name: "Growth in 7 days", value: growth };

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
    name: `Position on ${service.name}`,
    service,
    value: (row) => row.positions[key] ?? null,
  };
}

function countColumn(service: Service): Column {
  const key = service.service;
  return {
    sort: key.toLowerCase(),
    kind: "count",
    label: `${service.name} ${unitOf(service)}`,
    name: `${service.name} ${unitOf(service)}`,
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
