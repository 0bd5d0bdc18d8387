// Makes the app work without a network: it keeps the dashboard as it was last loaded, and the app's own
// files. The tasks are in IndexedDB, not here. Signing out deletes both caches.
const PAGE = "todo-page";
const FILES = "todo-files";
const ADDRESS = "/dashboard";
const MAX_FILES = 150; // those of older versions are removed

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, pathname));
  else if (isFile(pathname)) event.respondWith(file(request));
});

const isFile = (pathname) =>
  pathname.startsWith("/_next/static/") || /^\/(icon|manifest)[^/]*$/.test(pathname);

/** Responds with the page from the network, and without one with the dashboard as it was last loaded.
 *  Its views differ only in the query, which the page reads. */
async function page(request, pathname) {
  try {
    const response = await fetch(request);
    if (pathname === ADDRESS && response.status === 200) await keepPage(response.clone());
    return response;
  } catch (error) {
    const kept = await (await caches.open(PAGE)).match(ADDRESS);
    if (!kept) throw error;
    return pathname === ADDRESS ? kept : Response.redirect(ADDRESS);
  }
}

const keepPage = async (response) => (await caches.open(PAGE)).put(ADDRESS, response);

/** Files have their contents in their names, so that a kept one is never outdated. */
async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await files.put(request, response.clone());
  return response;
}

/** Keeps files that were loaded before this worker was active, and the page. */
self.addEventListener("message", (event) => {
  if (event.data?.keep?.length) event.waitUntil(keep(event.data.keep));
});

async function keep(addresses) {
  const files = await caches.open(FILES);
  const own = addresses.filter((address) => {
    const { origin, pathname } = new URL(address);
    return origin === self.location.origin && isFile(pathname);
  });
  const kept = await Promise.all(own.map((address) => files.match(address)));
  await files.addAll(own.filter((_, index) => !kept[index]));
  const all = await files.keys();
  const oldest = all.slice(0, Math.max(0, all.length - MAX_FILES));
  await Promise.all(oldest.map((request) => files.delete(request)));

  if (await (await caches.open(PAGE)).match(ADDRESS)) return;
  const response = await fetch(ADDRESS);
  if (response.status === 200 && !response.redirected) await keepPage(response);
}
