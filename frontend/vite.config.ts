// How the page is built and served while it is worked on. Addresses are relative, so that dist/ works in any folder of any host.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// One line of the page; Vite puts it into index.html. Empty: the API is where the page is.
process.env.VITE_TUNEMELD_API ??= "";

const api = process.env.TUNEMELD_DEV_API ?? "http://127.0.0.1:8000";
const API_PATHS = ["/v1"];

/** A script of its own in the head, as a policy without inline scripts asks for, that runs before anything is drawn. */
function earlyTheme(): Plugin {
  return {
    name: "early-theme",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "asset", name: "theme.js", source: readFileSync("src/early/theme.js") });
    },
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) => {
        const file = Object.keys(bundle ?? {}).find((name) => /theme-[^/]*\.js$/.test(name));
        if (file === undefined) throw new Error("the script that applies the theme is not in the bundle");
        return [{ tag: "script", attrs: { src: `./${file}` }, injectTo: "head" }];
      },
    },
  };
}

/** The service worker with the names of this build's files, or, where none is wanted, what takes an earlier one away. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        if (process.env.VITE_TUNEMELD_WORKER === "off") {
          this.emitFile({ type: "asset", fileName: "worker.js", source: readFileSync("src/worker/farewell.js") });
          return;
        }
        const files = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
        const entry = Object.values(bundle).find((one) => one.type === "chunk" && one.isEntry);
        if (entry === undefined) throw new Error("the page's own script is not in the bundle");
        const constants = {
          ENTRY: `/${entry.fileName}`,
          BUILD: createHash("sha256").update(files.sort().join("\n")).digest("hex").slice(0, 12),
          FILES: [...files, "icon.svg"].map((name) => `/${name}`),
        };
        const lines = Object.entries(constants).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`);
        const source = lines.join("") + readFileSync("src/worker/worker.js", "utf8");
        this.emitFile({ type: "asset", fileName: "worker.js", source });
      },
    },
  };
}

export default defineConfig({
  plugins: [earlyTheme(), serviceWorker()],
  base: "./",
  build: {
    target: "es2022",
    // Old enough for `light-dark()` to be left as it is written.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // A picture within the style would need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: Object.fromEntries(API_PATHS.map((path) => [path, api])) },
  test: { environment: "node", include: ["tests/**/*.test.ts"] },
});
