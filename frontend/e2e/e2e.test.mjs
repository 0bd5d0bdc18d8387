// End-to-end tests in a browser: the app with Better Auth, the API and PostgreSQL.
import { after, before } from "node:test";
import { closeBrowser, openBrowser } from "./scenario.mjs";
import { startServices, stopServices } from "./services.mjs";

before(startServices);
before(openBrowser);
after(closeBrowser);
after(stopServices);

const TOPICS = [
  "isolation",
  "expiry",
  "rotation",
  "outage",
  "database",
  "forged",
  "two-tabs",
  "offline",
  "keyboard",
  "account",
  "password",
  "consent",
  "accessibility",
  "pages",
];
for (const topic of TOPICS) await import(`./${topic}.mjs`);
