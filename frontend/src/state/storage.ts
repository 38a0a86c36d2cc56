// What the browser keeps for a visitor. It may refuse to; then what it should keep lasts until the page is closed.

/** What is kept under a name; null if nothing is. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keeps a text, or with null nothing, and returns whether the browser does. */
export function keep(name: string, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}
