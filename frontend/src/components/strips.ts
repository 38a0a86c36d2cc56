// Strips that scroll sideways when they do not fit: the genres.

/** Scrolls a strip, and nothing else, until this item of it is in sight. */
export function bringIntoSight(strip: HTMLElement | null, selector: string): void {
  const item = strip?.querySelector(selector);
  if (!strip || !item) return;
  const [around, within] = [strip.getBoundingClientRect(), item.getBoundingClientRect()];
  strip.scrollLeft += within.left - around.left - (around.width - within.width) / 2;
}
