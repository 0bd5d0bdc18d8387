// What an installed app needs, and how much script the dashboard loads.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { scenario } from "./scenario.mjs";
import { APP } from "./services.mjs";

const BUILD = new URL("../.next/", import.meta.url);
const MAX_SCRIPT = 150_000; // bytes, gzipped; about 136,000 of them are React and Next.js

scenario("the app can be installed", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.goTo("/sign-in");
  const href = await alice.page.locator("link[rel=manifest]").getAttribute("href");
  const manifest = await (await fetch(APP + href)).json();

  assert.equal(manifest.display, "standalone");
  assert.equal(manifest.start_url, "/dashboard");
  const kinds = manifest.icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`);
  assert.deepEqual(kinds, ["192x192 any", "512x512 any", "512x512 maskable"]);
  for (const { src, sizes } of manifest.icons) {
    const size = await alice.page.evaluate(async (src) => {
      const image = await createImageBitmap(await (await fetch(src)).blob());
      return `${image.width}x${image.height}`;
    }, src);
    assert.equal(size, sizes);
  }
  const worker = await fetch(`${APP}/sw.js`);
  assert.match(worker.headers.get("content-type"), /javascript/);
});

scenario("the dashboard loads little script before it is shown", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  // Old browsers load the script with the attribute, and only they.
  const sources = await alice.page.evaluate(async () => {
    const page = new DOMParser().parseFromString(
      await (await fetch("/dashboard")).text(),
      "text/html",
    );
    const scripts = [...page.querySelectorAll("script[src]:not([nomodule])")];
    return scripts.map((script) => script.getAttribute("src"));
  });
  const sizes = [...new Set(sources)].map((source) => {
    const file = new URL(source.replace("/_next/", "").split("?")[0], BUILD);
    return gzipSync(readFileSync(file)).length;
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);

  console.log("Script of the dashboard, gzipped:", total, "bytes");
  assert.ok(total > 50_000 && total < MAX_SCRIPT, `${total} bytes`);
});
