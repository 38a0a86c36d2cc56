import { describe, expect, test } from "vitest";

import { playerOf } from "../src/panel/players";
import { plotted } from "../src/panel/plotted";
import { series } from "./examples";

describe("a player", () => {
  test.each([
    ["Youtube", "https://www.youtube.com/watch?v=p-u3FbolHMY", "https://www.youtube-nocookie.com/embed/p-u3FbolHMY"],
    ["Youtube", "https://youtu.be/p-u3FbolHMY?t=3", "https://www.youtube-nocookie.com/embed/p-u3FbolHMY"],
    ["Spotify", "https://open.spotify.com/intl-de/track/2k56raMc", "https://open.spotify.com/embed/track/2k56raMc"],
    ["AppleMusic", "https://music.apple.com/us/album/a/26?i=18", "https://embed.music.apple.com/us/album/a/26?i=18"],
    [
      "SoundCloud",
      "https://soundcloud.com/the-quiet/a&b?si=1",
      "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fthe-quiet%2Fa%26b&show_teaser=false",
    ],
  ] as const)("of %s is made from an address there: %s", (service, address, player) => {
    expect(playerOf(service, address)?.address).toBe(player);
  });

  test.each([
    ["Youtube", "https://www.youtube.com/watch?v=<script>"],
    ["Youtube", "https://youtube.com.evil.example/watch?v=p-u3FbolHMY"],
    ["Spotify", "https://open.spotify.com/playlist/2k56raMc"],
    ["SoundCloud", "https://soundcloud.com/nobody"],
    ["AppleMusic", "https://music.apple.com.evil.example/us/album/a/26"],
    ["Spotify", "not an address"],
    ["Spotify", undefined],
  ] as const)("of %s is made from nothing else: %s", (service, address) => {
    expect(playerOf(service, address)).toBeNull();
  });
});

describe("the chart of counts", () => {
  const counted = series([
    ["2026-01-01", 0],
    ["2026-01-02", 10],
    ["2026-01-04", 40],
    ["2026-01-05", 45],
  ]);

  test("has an entry for every day, and gaps for unknown ones", () => {
    const { days, lines } = plotted(counted, "total", "linear");
    expect(days).toEqual(["01", "02", "03", "04", "05"].map((day) => Date.parse(`2026-01-${day}`) / 1000));
    expect(lines).toEqual([{ source: "Youtube", values: [0, 10, null, 40, 45] }]);
  });

  test("of gains invents none across a gap", () => {
    expect(plotted(counted, "gain", "linear").lines[0]?.values).toEqual([null, 10, null, null, 5]);
  });

  test("leaves out values that a logarithm cannot show", () => {
    expect(plotted(counted, "total", "log").lines[0]?.values).toEqual([null, 10, null, 40, 45]);
  });

  test("is empty for a track that was never counted", () => {
    expect(plotted(series([]), "total", "linear")).toEqual({ days: [], lines: [] });
  });
});
