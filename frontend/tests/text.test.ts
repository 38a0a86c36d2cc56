import { describe, expect, test } from "vitest";

import { csvName, csvText } from "../src/chart/csv";
import {
  ageText,
  dayText,
  growthText,
  momentText,
  shareText,
  shortCount,
  shortGain,
  regionText,
  writtenList,
} from "../src/chart/formatting";
import { webAddress } from "../src/chart/links";
import { folded, found } from "../src/chart/searching";
import { words } from "../src/texts";
import { counts, row, SERVICES } from "./examples";

describe("numbers and times", () => {
  test("are short, and a dash if unknown", () => {
    expect([shortCount(85_179_530), shortCount(0), shortCount(null)]).toEqual(["85.2M", "0", "–"]);
    expect([shortGain(1_200), shortGain(-1_200), shortGain(0), shortGain(null)]).toEqual(["+1.2K", "-1.2K", "0", "–"]);
    expect([growthText(0.042), shareText(1 / 3)]).toEqual(["+4.2%", "33%"]);
    expect([regionText("US"), regionText("ZZZZ")]).toEqual(["United States", "ZZZZ"]);
    expect([writtenList(["A"]), writtenList(["A", "B", "C"])]).toEqual(["A", "A, B and C"]);
    expect([1, 1_234].map((count) => words("count.track", { count }))).toEqual(["1 track", "1,234 tracks"]);
  });

  test("are in the visitor's zone, and name it", () => {
    expect(momentText("2026-01-31T23:30:00+00:00", "Asia/Tokyo")).toMatch(/Feb 1, 2026.*08:30.*GMT\+9/);
    expect(momentText("not a time")).toBe("");
  });

  test("show a day as the same day in every zone", () => {
    expect(dayText("2026-01-31", "short")).toBe("Jan 31, 2026");
    expect(dayText("no day")).toBe("no day");
  });

  test("round an age sensibly", () => {
    expect([5, 60, 7_300, 200_000].map(ageText)).toEqual(["less than a minute", "1 minute", "2 hours", "2 days"]);
  });
});

describe("an address", () => {
  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "//example.org",
    "/path",
    "ftp://example.org",
    "",
    null,
    " java\nscript:1",
  ])("that is none of the web is no link: %s", (text) => expect(webAddress(text)).toBeNull());

  test("with http or https is a link", () => {
    expect(webAddress("https://example.org/a?b=c")).toBe("https://example.org/a?b=c");
    expect(webAddress("http://127.0.0.1:8899/covers/1.png")).toBe("http://127.0.0.1:8899/covers/1.png");
  });
});

describe("the search", () => {
  const rows = [row(1, { title: "Naïve Café", artist: "Zoë" }), row(2, { title: "Plain", artist: "Nobody" })];

  test("finds all words anywhere, ignoring case and accents", () => {
    expect(found(rows, "zoe CAFE").map((one) => one.rank)).toEqual([1]);
    expect(found(rows, "cafe nobody")).toEqual([]);
  });

  test("for nothing keeps everything", () => {
    expect(found(rows, "   ")).toBe(rows);
  });

  test("treats related letters as equal", () => {
    expect(folded("  Ｆｕｌｌ  Wídth ")).toBe("full width");
  });
});

describe("the CSV", () => {
  const lines = (text: string) => text.replace("\ufeff", "").trimEnd().split("\r\n");

  test("has a line per row, and leaves unknown values empty", () => {
    const one = row(1, { totals: counts({ Videos: 12 }), movement: -2, positions: { QuietList: 3 } });
    const text = csvText([one, row(2, { isrc: null })], SERVICES, "pop", "2026-01-31");
    expect(lines(text)[0]).toMatch(/^genre,date,rank,status,movement,title,artist,ISRC,peak,weeks,Listed position,/);
    expect(lines(text)[1]).toBe("pop,2026-01-31,1,same,-2,Song 1,Somebody,XX1,1,1,,3,,,12,,,,");
    expect(lines(text)[2]).toBe("pop,2026-01-31,2,same,0,Song 2,Somebody,,2,1,,,,,,,,,");
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])(
    "lets no spreadsheet compute a title: %j",
    (title) => {
      expect(csvText([row(1, { title })], SERVICES, "pop", "2026-01-31")).toContain(`'${title}`);
    },
  );

  test("keeps commas, quotes and line breaks within their cell", () => {
    expect(csvText([row(1, { title: 'a, "b"\nc' })], SERVICES, "pop", "2026-01-31")).toContain('"a, ""b""\nc"');
  });

  test("has the total and the gain of each source", () => {
    const one = row(1, { totals: counts({ Listed: 100, Videos: 30 }), gains: counts({ Listed: 7 }) });
    const [head, line] = lines(csvText([one], SERVICES, "pop", "2026-01-31")).map((text) => text.split(","));
    const cell = (name: string) => line?.[head?.indexOf(name) ?? -1];
    expect(["Listed total", "Listed gain 7 days"].map(cell)).toEqual(["100", "7"]);
    expect(["Videos total", "Videos gain 7 days"].map(cell)).toEqual(["30", ""]);
    expect(head?.slice(-3)).toEqual(["Listed link", "Quiet List link", "Videos link"]);
  });

  test("has a file name that says what it holds", () => {
    expect(csvName("r&b/../x", "2026-01-31")).toBe("tunemeld-r-b-x-2026-01-31.csv");
  });
});
