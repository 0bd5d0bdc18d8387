// One test, with the people in it: each in a browser profile and at an address of their own.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { Person } from "./person.mjs";
import { API, APP } from "./services.mjs";

const FAILURES = fileURLToPath(new URL("failures/", import.meta.url));
const PATIENCE_MILLISECONDS = 120_000; // for one condition
let browser;
let arrivals = 0;

export async function openBrowser() {
  // CI runs as root, for whom Chromium has no sandbox; it opens nothing but our own pages.
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

export const closeBrowser = () => browser?.close();

/** `body` gets `arrive`, which gives a person by name, not signed in yet. */
export function scenario(name, body) {
  test(name, { timeout: 600_000 }, async () => {
    const people = [];
    const arrive = async (who, { clock } = {}) => {
      arrivals += 1;
      const context = await browser.newContext({ reducedMotion: "reduce" });
      context.setDefaultTimeout(PATIENCE_MILLISECONDS);
      await comeFrom(context, `10.0.0.${arrivals}`);
      if (clock) await context.clock.setSystemTime(clock);
      const person = new Person(who, `${who.toLowerCase()}-${arrivals}@todo.test`, context);
      people.push(person);
      watch(person);
      person.page = await context.newPage();
      return person;
    };
    try {
      await body(arrive);
      for (const { surprises } of people) assert.deepEqual(surprises, []);
    } catch (error) {
      await keep(name, people);
      throw error;
    } finally {
      for (const { context } of people) await context.close();
    }
  });
}

/** Better Auth limits the requests of each address. */
const comeFrom = (context, address) =>
  context.route(`${APP}/api/auth/**`, (route, request) =>
    route.fallback({ headers: { ...request.headers(), "x-forwarded-for": address } }),
  );

/** Repeats what throws until it passes, or fails as it failed last. */
export async function eventually(check) {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

/** Whatever happens in a scenario, no script fails and nothing is asked of any other server. */
function watch({ context, surprises }) {
  context.on("weberror", (event) => surprises.push(String(event.error())));
  context.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) surprises.push(message.text());
  });
  context.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (![APP, API, "null"].includes(origin)) surprises.push(`request to ${origin}`);
  });
}

/** Leaves what each person saw last where a human can look at it. */
async function keep(scenario, people) {
  mkdirSync(FAILURES, { recursive: true });
  for (const person of people) {
    for (const [index, page] of person.context.pages().entries()) {
      const name = `${FAILURES}${scenario} (${person.name}, tab ${index + 1})`;
      const text = await page.innerText("body").catch(String);
      writeFileSync(`${name}.txt`, `${page.url()}\n\n${text}\n`);
      await page.screenshot({ path: `${name}.png`, fullPage: true }).catch(() => {});
    }
  }
}
