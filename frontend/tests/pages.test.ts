import { describe, expect, test } from "vitest";

import type { Agreement, GenreStanding, TodayAnswer, TodayRow } from "../src/api/types";
import { pairLines, pairText, sharePath } from "../src/chart/agreeing";
import { bestFirst, rankPath, ranksOf } from "../src/chart/standings";
import { todayShown } from "../src/chart/today";
import { SERVICES as BOTH } from "./examples";

const SERVICES = BOTH.listing;

const [ONE, OTHER] = SERVICES.map((one) => one.service);

function todayRow(id: string, change: Partial<TodayRow> = {}): TodayRow {
  return {
    track_id: id,
    isrc: null,
    title: `Song ${id}`,
    artist: null,
    cover_url: "javascript:alert(1)",
    urls: { [ONE ?? ""]: "https://one.example/1", [OTHER ?? ""]: "javascript:alert(1)" },
    genre: "pop",
    status: "new",
    rank: 3,
    previous_rank: 5,
    movement: 2,
    positions: { [ONE ?? ""]: 2, [OTHER ?? ""]: 31 },
    not_on: [],
    score: 1,
    dispute: 0.5,
    ...change,
  };
}

const ANSWER: TodayAnswer = {
  genres: [
    { genre: "pop", name: "Pop", date: "2026-01-30", compared_with: null, agreement: 0.3 },
    { genre: "rap", name: "Rap", date: "2026-01-31", compared_with: "2026-01-30", agreement: null },
  ],
  most_agreed: [todayRow("1"), todayRow("1", { genre: "rap" }), todayRow("2", { title: null })],
  new: [todayRow("3"), todayRow("4", { status: "re", genre: "rap" })],
  climbers: [todayRow("5")],
  leavers: [todayRow("6", { rank: null })],
  disputed: [todayRow("7")],
};

describe("today", () => {
  const shown = todayShown(ANSWER, SERVICES);

  test("names what happened to each recording, and each recording once", () => {
    expect(shown.agreed.map(({ id, title, said }) => [id, title, said])).toEqual([
      ["1", "Song 1", "Number 3 in Pop"],
      ["2", "Unknown title", "Number 3 in Pop"],
    ]);
    expect(shown.fresh.map((one) => one.said)).toEqual(["New at 3 in Pop", "Back at 3 in Rap"]);
    expect(shown.climbers[0]?.said).toBe("Up 2, from 5 to 3 in Pop");
    expect(shown.leavers[0]?.said).toBe("Was number 5 in Pop");
    expect([shown.date, shown.hasBefore, shown.isConsensus]).toEqual(["2026-01-31", true, true]);
  });

  test("says where each service has what they disagree on, the highest first", () => {
    const [first, second] = SERVICES.map((one) => one.name);
    expect(shown.disputed[0]?.said).toMatch(new RegExp(`^Number 2 on ${first ?? ""} and 31 on ${second ?? ""}`));
  });

  test("links to the web alone", () => {
    expect([shown.agreed[0]?.cover, shown.agreed[0]?.links]).toEqual([null, { [ONE ?? ""]: "https://one.example/1" }]);
  });

  test("where no lists are compared, nobody disagrees", () => {
    const alone = todayShown({ ...ANSWER, genres: ANSWER.genres.map((one) => ({ ...one, agreement: null })) }, []);
    expect([alone.isConsensus, alone.disputed]).toEqual([false, []]);
  });
});

const STANDING: GenreStanding = {
  genre: "pop",
  first_date: "2026-01-01",
  last_date: "2026-01-05",
  days_on_chart: 3,
  best_rank: 1,
  best_rank_date: "2026-01-02",
  chart: [
    { date: "2026-01-01", rank: 3 },
    { date: "2026-01-02", rank: 1 },
    { date: "2026-01-05", rank: 12 },
  ],
  lists: { [ONE ?? ""]: [] },
};

describe("the ranks of a track", () => {
  test("have a place for each day, and none where it is not known", () => {
    const { lines, lowest } = ranksOf(STANDING, 365);
    expect(lines).toEqual([{ key: null, ranks: [3, 1, null, null, 12] }]);
    expect(lowest).toBe(12);
    expect(ranksOf(STANDING, 2).lines[0]?.ranks).toEqual([null, 12]);
  });

  test("are drawn with the first at the top, with gaps, and a lonely day as a dot", () => {
    const { lines, lowest } = ranksOf(STANDING, 365);
    expect(lines.map((line) => rankPath(line, lowest, 400, 110))).toEqual(["M0.0 20.0L100.0 0.0M400.0 110.0h.1"]);
  });

  test("of several genres begin with the best", () => {
    const never = { ...STANDING, genre: "rap", best_rank: null };
    expect(bestFirst([never, STANDING]).map((one) => one.genre)).toEqual(["pop", "rap"]);
  });
});

describe("the agreement of editors", () => {
  const day = (date: string, rbo: number | null) => ({
    date,
    mean: rbo,
    pairs: rbo === null ? [] : [{ services: [ONE ?? "", OTHER ?? ""] as [string, string], rbo, shared: 1 }],
    stale: [],
  });
  const answer = {
    means: [{ services: [ONE ?? "", OTHER ?? ""] as [string, string], rbo: 0.5, days: 2 }],
    days: [day("2026-01-01", 0.25), day("2026-01-03", 0.75)],
  } as unknown as Agreement;

  test("is a line for each pair, with gaps", () => {
    const [line] = pairLines(answer);
    expect(line?.values).toEqual([0.25, null, 0.75]);
    expect(sharePath(line?.values ?? [], 100, 40)).toBe("M0.0 30.0h.1M100.0 10.0h.1");
    expect(pairText(line?.services ?? ["", ""], SERVICES)).toBe(
      `${SERVICES[0]?.name ?? ""} and ${SERVICES[1]?.name ?? ""}`,
    );
  });

  test("of no day has no line", () => {
    expect(pairLines({ ...answer, days: [] })).toEqual([]);
  });
});
