// Which addresses become links: only http and https. Any other address in the data is shown without a link.

/** The address if it is http or https, else null. */
export function webAddress(text: string | null | undefined): string | null {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
