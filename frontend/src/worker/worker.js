// The service worker: the page and what it last showed, for a browser that is offline. The build puts the names of its files before this.
//
// A page always comes from the server when there is one, with the files that it names. Only without it does this worker answer, with the
// page of its own build and that build's files; so no release ever runs on another's page. A newer worker waits until no page of this
// one's build is open.

const SHELL = `tunemeld-shell-${BUILD}`;
const ANSWERS = "tunemeld-answers";
const MOST_ANSWERS = 100;

/** The paths of the page's own pages. */
const PAGES = /^\/$|^\/(charts|track|artist|agreement|search|songs)(\/|$)/;

self.addEventListener("install", (event) => event.waitUntil(keepShell()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOlder().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (PAGES.test(pathname)) event.respondWith(page(request));
  } else if (FILES.includes(pathname)) event.respondWith(file(request));
  else if (pathname.startsWith("/v1/")) event.respondWith(answer(event));
});

async function keepShell() {
  const shell = await fetch("/shell", { cache: "no-store" });
  if (!shell.ok || !(await shell.clone().text()).includes(ENTRY)) throw new Error("the server has another build now");
  const kept = await caches.open(SHELL);
  await kept.put("/shell", shell);
  await kept.addAll(FILES);
}

async function forgetOlder() {
  const older = (await caches.keys()).filter((name) => name.startsWith("tunemeld-shell-") && name !== SHELL);
  await Promise.all(older.map((name) => caches.delete(name)));
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match("/shell", { cacheName: SHELL, ignoreVary: true })) ?? Response.error();
  }
}

async function file(request) {
  return (await caches.match(request, { cacheName: SHELL, ignoreVary: true })) ?? fetch(request);
}

async function answer(event) {
  const answers = await caches.open(ANSWERS);
  try {
    const found = await fetch(event.request);
    if (found.ok) event.waitUntil(keep(answers, event.request, found.clone()));
    return found;
  } catch {
    const kept = await answers.match(event.request, { ignoreVary: true });
    if (kept === undefined) return Response.error();
    // By this the page knows that nobody confirmed it.
    return new Response(kept.body, { headers: { "Content-Type": "application/json", "X-TuneMeld-Kept": "true" } });
  }
}

async function keep(answers, request, found) {
  await answers.put(request, found);
  // In the order in which they were put there.
  const all = await answers.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST_ANSWERS)).map((one) => answers.delete(one)));
}
