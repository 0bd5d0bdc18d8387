"use client";

import { useEffect } from "react";
import { loadAll } from "./lazy";

/** Loads what is loaded on demand, and registers public/sw.js, which keeps the app's files and this page
 *  for visits without a network. */
export function ServiceWorker() {
  useEffect(() => {
    if (process.env.NODE_ENV === "production") prepare().catch(() => {}); // without a network: the next visit does it
  }, []);
  return null;
}

async function prepare() {
  await whenIdle();
  await loadAll();
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  // The files that are loaded while the service worker does not serve this page.
  const observer = new PerformanceObserver((list) => {
    const addresses = list.getEntries().map(({ name }) => name);
    active?.postMessage({ keep: addresses.filter((name) => name.includes("/_next/static/")) });
  });
  observer.observe({ type: "resource", buffered: true });
}

const whenIdle = () =>
  new Promise((resume) => {
    if ("requestIdleCallback" in window) requestIdleCallback(resume, { timeout: 5_000 });
    else setTimeout(resume, 2_000);
  });
