// Which addresses the page follows: only those of the web. Whatever else stands in the data is no link.

/** The address where it is one of the web, else null. */
export function webAddress(text: string | null | undefined): string | null {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
