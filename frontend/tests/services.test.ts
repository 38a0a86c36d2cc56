import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import type { Chart } from "../src/api/types";
import { columnsOf, sortedColumn } from "../src/chart/columns";
import { playerOf } from "../src/chart/players";
import { allOf, chartServices, contrast, INK, PAPER, readableColours, uncounted } from "../src/chart/services";
import { LISTED, QUIET, service, SERVICES, VIDEOS } from "./examples";

const CHART = {
  lists: { QuietList: {}, Listed: {} },
  coverage: { Videos: 1 },
  tracks: [{ services: { Gone: {} }, counts: { Listed: {} } }],
} as unknown as Chart;

describe("the services of a chart", () => {
  test("are those that it has, in the API's order, and one that is not described goes by its key", () => {
    const found = chartServices(CHART, [LISTED, QUIET, VIDEOS, service("Elsewhere")]);
    expect(found.listing.map((one) => one.name)).toEqual(["Listed", "Quiet List", "Gone"]);
    expect(found.counting.map((one) => one.name)).toEqual(["Listed", "Videos"]);
    expect(allOf(found).map((one) => one.service)).toEqual(["Listed", "QuietList", "Gone", "Videos"]);
  });

  test("give a column each, named in words, for the list and for the counts", () => {
    const columns = columnsOf(SERVICES);
    expect(columns.slice(6).map((one) => one.label)).toEqual([
      "Listed",
      "Quiet List",
      "Listed plays",
      "Videos views",
      "Trend",
    ]);
    expect(columnsOf({ listing: [QUIET], counting: [] }).map((one) => one.sort)).not.toContain("trend");
  });

  test("are sorted by under their keys, and by the beginning of a key as addresses of earlier times have it", () => {
    const columns = columnsOf(SERVICES);
    expect(sortedColumn(columns, "videos").name).toBe("Videos views");
    expect(sortedColumn(columns, "quietlist-position").name).toBe("Position on Quiet List");
    expect(sortedColumn(columns, "quiet-position").name).toBe("Position on Quiet List");
    expect(sortedColumn(columns, "password").sort).toBe("rank");
  });
});

describe("counts that need a key", () => {
  const videos = { ...VIDEOS, counts_need: ["VIDEOS_KEY"] };
  const listed = { ...LISTED, counts_need: ["LISTED_KEY"] };
  const chart = (coverage: object, ...tracks: object[]) => ({ degraded: {}, coverage, tracks }) as unknown as Chart;
  const own = { services: { Listed: {} }, counts: { Listed: {}, Videos: {} } };
  const other = { services: {}, counts: { Videos: {} } };

  test("are named where nobody counts, and where a list's own rows alone are counted", () => {
    expect(uncounted(chart({ Listed: 0.5, Videos: 1 }, own, other), [listed, videos])).toEqual([
      { source: listed, beyond: true, needs: ["LISTED_KEY"] },
    ]);
    expect(uncounted(chart({ Listed: 1 }, own), [listed, videos])).toEqual([
      { source: videos, beyond: false, needs: ["VIDEOS_KEY"] },
    ]);
  });

  test("are not where they are there, where they failed, or where no key would bring them", () => {
    const counted = { services: {}, counts: { Listed: {} } };
    expect(uncounted(chart({ Listed: 0.5, Videos: 1 }, own, other, counted), [listed, videos])).toEqual([]);
    const failed = { ...chart({ Listed: 0, Videos: 0 }, own, other), degraded: { "Listed counts": "it is down" } };
    expect(uncounted(failed, [listed])).toEqual([]);
    expect(uncounted(chart({}, own), [LISTED, QUIET])).toEqual([]);
  });
});

describe("a service's colour", () => {
  test("stays as it is where it can be read", () => {
    expect(readableColours(LISTED.colours)).toEqual({ light: "#0b7335", dark: "#4bd681" });
  });

  test.each(["#ffff00", "#808080", "#777777", "no colour"])(
    "that cannot be read is moved towards ink: %s",
    (colour) => {
      const { light, dark } = readableColours({ on_light: colour, on_dark: colour });
      expect(contrast(light, PAPER.light)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(dark, PAPER.dark)).toBeGreaterThanOrEqual(4.5);
    },
  );

  test("is judged on the paper and against the ink that the design has", () => {
    const tokens = readFileSync("src/styles/tokens.css", "utf8");
    expect(tokens).toContain(`--raised: light-dark(${PAPER.light}, ${PAPER.dark})`);
    expect(tokens).toContain(`--ink: light-dark(${INK.light}, ${INK.dark})`);
  });

  test("has the contrast that the formula of WCAG gives", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });
});

describe("a player", () => {
  test("is made from an address on its service", () => {
    expect(playerOf(VIDEOS, "https://videos.example/watch?v=ab_1")).toEqual({
      address: "https://player.videos.example/ab_1",
      height: null,
    });
  });

  test("gets the parts of the address encoded", () => {
    const player = { track: "https://x\\.example/(.+)", address: "https://p.example/?u={1}&on={2}", height: 90 };
    expect(playerOf({ player }, "https://x.example/a&b/c#d")?.address).toBe("https://p.example/?u=a%26b%2Fc%23d&on=");
  });

  test.each([
    "https://videos.example.evil.example/watch?v=ab_1",
    "https://videos.example/watch?v=<script>",
    "https://evil.example/https://videos.example/watch?v=ab_1",
    "not an address",
    undefined,
  ])("is made from nothing else: %s", (address) => {
    expect(playerOf(VIDEOS, address)).toBeNull();
  });

  test("is not there if the service has none, or declares what is no expression", () => {
    expect(playerOf(QUIET, "https://videos.example/watch?v=ab_1")).toBeNull();
    expect(
      playerOf({ player: { track: "(", address: "https://x.example", height: 1 } }, "https://x.example"),
    ).toBeNull();
  });
});
