// A test with one or more users. Each user has a separate browser profile and IP address.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { API, APP } from "./services.mjs";
import { User } from "./user.mjs";

const FAILURES = fileURLToPath(new URL("failures/", import.meta.url));
const TIMEOUT_MILLISECONDS = 120_000; // for one condition
let browser;
let userCount = 0;

export async function openBrowser() {
  // CI runs as root, and Chromium's sandbox does not work as root. Only this app's pages are opened.
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

export const closeBrowser = () => browser?.close();

/** Defines a test. `body` is called with `newUser`, which returns a user who is not signed in yet. */
export function scenario(name, body) {
  test(name, { timeout: 600_000 }, async () => {
    const users = [];
    const newUser = async (
      userName,
      { clock, serviceWorkers = "block", bypassCSP = false } = {},
    ) => {
      userCount += 1;
      const number = userCount; // another scenario may change it
      // A service worker hides requests from Playwright, so only some scenarios have it.
      const context = await browser.newContext({
        reducedMotion: "reduce",
        serviceWorkers,
        bypassCSP,
      });
      context.setDefaultTimeout(TIMEOUT_MILLISECONDS);
      await setClientAddress(context, `10.0.0.${number}`);
      if (clock) await context.clock.setSystemTime(clock);
      const user = new User(userName, `${userName.toLowerCase()}-${number}@todo.test`, context);
      users.push(user);
      recordUnexpected(user);
      user.page = await context.newPage();
      return user;
    };
    try {
      await body(newUser);
      for (const { unexpected } of users) assert.deepEqual(unexpected, []);
    } catch (error) {
      await saveFailure(name, users);
      throw error;
    } finally {
      for (const { context } of users) await context.close();
    }
  });
}

/** Sets the client's IP address, because Better Auth limits the requests of each address. */
const setClientAddress = (context, address) =>
  context.route(`${APP}/api/auth/**`, (route, request) =>
    route.fallback({ headers: { ...request.headers(), "x-forwarded-for": address } }),
  );

/** Repeats a check until it does not throw. Throws its last error after the timeout. */
export async function eventually(check) {
  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

/** Records script errors, violations of the Content-Security-Policy, and requests to other servers. */
function recordUnexpected({ context, unexpected }) {
  context.on("weberror", (event) => unexpected.push(String(event.error())));
  context.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) unexpected.push(message.text());
  });
  context.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (![APP, API, "null"].includes(origin)) unexpected.push(`request to ${origin}`);
  });
}

/** Saves the text and a screenshot of each open page. */
async function saveFailure(scenario, users) {
  mkdirSync(FAILURES, { recursive: true });
  for (const user of users) {
    for (const [index, page] of user.context.pages().entries()) {
      const name = `${FAILURES}${scenario} (${user.name}, tab ${index + 1})`;
      const text = await page.innerText("body").catch(String);
      writeFileSync(`${name}.txt`, `${page.url()}\n\n${text}\n`);
      await page.screenshot({ path: `${name}.png`, fullPage: true }).catch(() => {});
    }
  }
}
