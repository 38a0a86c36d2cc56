// Which rows a search finds: those with all of its words, anywhere in title or artist, ignoring case and accents. Pure.

/** A text in the form that is compared: without case, accents and double spaces. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();
}

/** The rows that contain every word of the query, in the order given. */
export function found<T extends { searched: string }>(rows: readonly T[], query: string): readonly T[] {
  const words = folded(query).split(" ").filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => words.every((word) => row.searched.includes(word)));
}
