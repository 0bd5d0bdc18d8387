// End-to-end tests in a browser: the app with Better Auth, the API and PostgreSQL.
import { after, before, describe } from "node:test";
import { closeBrowser, openBrowser } from "./scenario.mjs";
import { startServices, stopServices } from "./services.mjs";

before(startServices);
before(openBrowser);
after(closeBrowser);
after(stopServices);

// Topics that may run at the same time as others, and those that stop the API, change its keys, or
// measure times.
const TOGETHER = [
  "expiry",
  "isolation",
  "forged",
  "two-tabs",
  "two-devices",
  "offline",
  "drafts",
  "undo",
  "trash",
  "views",
  "entry",
  "task",
  "sign-out",
  "install",
  "keyboard",
  "pages",
  "admin",
  "account",
  "password",
  "consent",
  "accessibility",
];
const ALONE = ["speed", "rotation", "outage", "database"];
const CONCURRENCY = 3; // one of them waits for a token to expire

const chosen = process.env.TOPICS?.split(","); // TOPICS=offline,views make e2e: only these
const load = async (topics) => {
  for (const topic of topics) if (!chosen || chosen.includes(topic)) await import(`./${topic}.mjs`);
};
describe("at the same time", { concurrency: CONCURRENCY }, () => load(TOGETHER));
describe("one after the other", { concurrency: 1 }, () => load(ALONE));
