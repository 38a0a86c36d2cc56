// In place of the service worker where there shall be none any more: takes everything that an earlier one kept, and itself, away.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const kept = (await caches.keys()).filter((name) => name.startsWith("tunemeld-"));
  await Promise.all(kept.map((name) => caches.delete(name)));
  await self.registration.unregister();
}
