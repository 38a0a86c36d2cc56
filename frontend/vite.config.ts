// How the page is built and served while it is worked on. Addresses are relative, so that dist/ works in any folder of any host.

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

export default defineConfig({
  plugins: [earlyTheme()],
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
