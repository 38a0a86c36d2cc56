// The page without a connection: registers the service worker, which keeps the page and the API's answers, and gives it the answers that the
// server wrote into the page. Only where the server answers each page under its own path, and the API is the page's own server.

import { API, WRITTEN } from "../api/client";
import { HAS_PATHS } from "./navigation";

/** The store of the worker's answers (worker/worker.js). */
const ANSWERS = "tunemeld-answers";

/** Keeps the page for later once it is there, so that nothing that is needed at once waits for it. */
export function keepOffline(): void {
  if (!import.meta.env.PROD || import.meta.env.VITE_TUNEMELD_WORKER === "off") return;
  if (!HAS_PATHS || API !== "" || !("serviceWorker" in navigator)) return;
  if (document.readyState === "complete") void keep();
  else addEventListener("load", () => void keep());
}

async function keep(): Promise<void> {
  try {
    await navigator.serviceWorker.register("/worker.js");
    const answers = await caches.open(ANSWERS);
    const headers = { "Content-Type": "application/json" };
    for (const [path, data] of Object.entries(WRITTEN)) {
      await answers.put(path, new Response(JSON.stringify(data), { headers }));
    }
  } catch {
    // A browser may refuse to store anything; then there is nothing without a connection.
  }
}
