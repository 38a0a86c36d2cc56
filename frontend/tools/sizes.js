// Holds the first load of the built page to its size: what index.html asks for itself, and what that imports without being asked.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMITS = { script: 60 * 1024, style: 15 * 1024 };
const folder = new URL("../dist/", import.meta.url);

/** The files of the first load by kind. */
export function firstLoad(read) {
  const page = read("index.html");
  const styles = [...page.matchAll(/<link[^>]*rel="stylesheet"[^>]*href="\.\/([^"]+)"/g)].map((found) => found[1]);
  const waiting = [...page.matchAll(/<(?:script[^>]*src|link[^>]*rel="modulepreload"[^>]*href)="\.\/([^"]+)"/g)].map(
    (found) => found[1],
  );
  const scripts = new Set();
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (scripts.has(name)) continue;
    scripts.add(name);
    for (const [, imported] of read(name).matchAll(/(?:^|[;}])import(?:[^"'();]*?from)?["']\.\/([^"']+)["']/g)) {
      waiting.push(`assets/${imported}`);
    }
  }
  return { script: [...scripts], style: styles };
}

/** The gzipped size of some files in bytes. */
export function gzipped(names) {
  return names.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length, 0);
}

const files = firstLoad((name) => readFileSync(new URL(name, folder), "utf8"));
const sizes = Object.entries(files).map(([kind, names]) => ({ kind, names, size: gzipped(names) }));
const text = sizes
  .map(({ kind, size }) => `${(size / 1024).toFixed(1)} of ${LIMITS[kind] / 1024} KB ${kind}`)
  .join(", ");
if (sizes.some(({ kind, names, size }) => names.length === 0 || size > LIMITS[kind])) {
  console.error(`frontend: the first load is too large, or not found: ${text}; load later what is not needed at once`);
  process.exit(1);
}
if (process.stdout.isTTY) console.log(`first load, gzipped: ${text}`);
