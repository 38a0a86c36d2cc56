// Which rows a search finds: all of its words, anywhere in title or artist, whatever their case and accents. Pure.

/** A text as it is compared: without case, accents and doubled spaces. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();
}

/** The rows that hold every word of the query, in their order. */
export function found<T extends { searched: string }>(rows: readonly T[], query: string): readonly T[] {
  const words = folded(query).split(" ").filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => words.every((word) => row.searched.includes(word)));
}
